"use strict";
// Shows openapi.json. Every text goes into the page as text: nothing of the document is taken for HTML.

const METHODS = ["get", "post", "put", "patch", "delete"];

function make(tag, given, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given || {})) element.setAttribute(name, value);
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

// Paragraphs, and `code` between backticks: all of Markdown that the document uses.
function prose(text) {
  return (text || "").split("\n\n").filter(Boolean).map((paragraph) => make("p", {}, inline(paragraph)));
}

function inline(text) {
  return text.split("`").map((part, place) => (place % 2 ? make("code", {}, part) : part));
}

function copyable(text) {
  const button = make("button", { type: "button" }, "Copy");
  button.addEventListener("click", () => navigator.clipboard.writeText(text).then(() => { button.textContent = "Copied"; }));
  const block = make("pre", { tabindex: "0" }, make("code", {}, text));
  return make("div", { class: "copied" }, block, navigator.clipboard ? button : null);
}

function json(value) {
  return JSON.stringify(value, null, 2);
}

function inRequest(must) {
  return must ? make("span", { class: "must" }, "required") : null;
}

function inAnswer(must) {
  return must ? null : make("span", { class: "faint" }, "· not always there");
}

// Lay one schema over another: of what both say the second counts, but members and what is required add up.
function merged(under, over) {
  const found = { ...under, ...over };
  if (under.properties && over.properties) {
    const more = Object.entries(over.properties).map(([name, one]) => [name, { ...under.properties[name], ...one }]);
    found.properties = { ...under.properties, ...Object.fromEntries(more) };
  }
  if (under.required && over.required) found.required = [...new Set([...under.required, ...over.required])];
  return found;
}

class Reader {
  constructor(api) {
    this.api = api;
  }

  // Follow references; what stands beside one counts before what it leads to.
  whole(part) {
    let found = part || {};
    while (found.$ref) {
      const { $ref, ...beside } = found;
      const target = $ref.replace(/^#\//, "").split("/").reduce((at, step) => at[step.replaceAll("~1", "/").replaceAll("~0", "~")], this.api);
      found = merged(target, beside);
    }
    if (!found.allOf) return found;
    const { allOf, ...own } = found;
    return [...allOf.map((one) => this.whole(one)), own].reduce(merged, {});
  }

  type(given) {
    const schema = this.whole(given);
    const either = schema.oneOf || schema.anyOf;
    if (either) return either.map((one) => this.type(one)).join(" or ");
    if (schema.const !== undefined) return json(schema.const);
    const types = [schema.type || (schema.enum ? "string" : schema.properties ? "object" : "any value")].flat();
    const names = types.map((type) => (type === "array" && schema.items ? `array of ${this.type(schema.items)}` : type));
    return names.join(" or ") + (schema.format ? ` (${schema.format})` : "");
  }

  limits(given) {
    const schema = this.whole(given);
    const told = [];
    if (schema.enum) told.push(["one of ", schema.enum.flatMap((value, place) => [place ? ", " : "", make("code", {}, String(value))])]);
    const range = [["minimum", "at least"], ["maximum", "at most"], ["minLength", "characters: at least"], ["maxLength", "characters: at most"],
      ["minItems", "entries: at least"], ["maxItems", "entries: at most"], ["maxProperties", "members: at most"]];
    for (const [name, words] of range) if (schema[name] !== undefined) told.push(`${words} ${schema[name]}`);
    if (schema.pattern) told.push(["like ", make("code", {}, schema.pattern)]);
    if (schema.default !== undefined) told.push(["otherwise ", make("code", {}, json(schema.default))]);
    if (schema.additionalProperties === false) told.push("no other members");
    return told.length ? make("p", { class: "limits" }, told.map((one, place) => [place ? "; " : "", one])) : null;
  }

  // The members of an object, of an array's entries, or of what may be there instead of null. `told` marks one of them.
  fields(given, told, above = []) {
    const schema = this.whole(given);
    if (schema.items) return this.fields(schema.items, told, above);
    const either = schema.oneOf || schema.anyOf;
    if (either) return either.map((one) => this.fields(one, told, above));
    if (!schema.properties || above.includes(given.$ref)) return null;
    const next = given.$ref ? [...above, given.$ref] : above;
    const rows = Object.entries(schema.properties).map(([name, one]) =>
      this.field(name, one, told((schema.required || []).includes(name)), this.fields(one, told, next)));
    return make("ul", { class: "fields" }, rows);
  }

  field(name, schema, mark, inside, about) {
    const text = about || this.whole(schema).description;
    return make("li", {}, make("code", { class: "name" }, name), " ", make("span", { class: "faint" }, this.type(schema)), " ",
      mark, prose(text), this.limits(schema), inside);
  }

  parameters(all) {
    const rows = all.map((one) => {
      const place = { path: "in the path", query: "in the query", header: "in a header" }[one.in];
      const mark = [make("span", { class: "faint" }, place), " ", inRequest(one.required)];
      return this.field(one.name, one.schema, mark, null, one.description);
    });
    return rows.length ? [make("h4", {}, "Parameters"), make("ul", { class: "fields" }, rows)] : [];
  }

  examples(content) {
    const schema = this.whole(content.schema);
    const named = Object.entries(content.examples || {}).map(([name, one]) => [this.whole(one).summary || name, this.whole(one).value]);
    const plain = content.example !== undefined ? content.example : named.length ? undefined : schema.example;
    return plain === undefined ? named : [["Example", plain], ...named];
  }

  content(contents, told) {
    return Object.entries(contents || {}).map(([type, content]) => {
      const members = content.schema && this.fields(content.schema, told);
      return [
        make("p", {}, make("code", {}, type)),
        content.schema ? prose(this.whole(content.schema).description) : null,
        this.examples(content).map(([title, value]) => [make("p", { class: "faint" }, title), make("pre", { tabindex: "0" }, make("code", {}, json(value)))]),
        members && type.startsWith("application/problem") ? make("details", {}, make("summary", {}, "Members"), members) : members,
      ];
    });
  }

  codes(answer) {
    const contents = Object.values(answer.content || {}).map((content) => this.whole(content.schema));
    return contents.flatMap((schema) => (schema.properties && schema.properties.code && schema.properties.detail ? schema.properties.code.enum || [] : []));
  }

  answer(status, given) {
    const answer = this.whole(given);
    const bad = status >= "400";
    const codes = this.codes(answer);
    const told = bad && codes.length ? codes.map((code, place) => [place ? " " : "", make("code", {}, code)]) : inline(answer.description.split("\n\n")[0]);
    const headers = Object.entries(answer.headers || {}).map(([name, one]) => {
      const header = this.whole(one);
      return this.field(name, header.schema, inAnswer(header.required), null, header.description);
    });
    return make("details", { class: bad ? "answer bad" : "answer" },
      make("summary", {}, make("span", { class: "status" }, status), told),
      make("div", {}, bad ? prose(answer.description) : null,
        this.content(answer.content, inAnswer),
        headers.length ? [make("h4", {}, "Headers"), make("ul", { class: "fields" }, headers)] : null));
  }

  curl(method, path, all, operation, isOpen) {
    const filled = path.replace(/\{(\w+)\}/g, (_, name) => {
      const one = all.find((each) => each.in === "path" && each.name === name) || {};
      return encodeURIComponent(one.example !== undefined ? one.example : this.whole(one.schema).example || name);
    });
    const base = new URL(".", location.href).href.slice(0, -1); // the API may have a path, as on an emulator
    const lines = [`curl ${method === "get" ? "" : `-X ${method.toUpperCase()} `}"${base}${filled}"`];
    if (!isOpen) lines.push('-H "Authorization: Bearer $VSL_API_KEY"');
    const key = all.find((one) => one.name === "Idempotency-Key");
    if (key) lines.push(`-H 'Idempotency-Key: ${key.example}'`);
    for (const one of all) if (one.in === "header" && one.required) lines.push(`-H '${one.name}: ${one.example}'`);
    const body = operation.requestBody && this.whole(operation.requestBody).content["application/json"];
    const [example] = body ? this.examples(body) : [];
    if (body) lines.push("-H 'Content-Type: application/json'");
    if (example) lines.push(`-d '${JSON.stringify(example[1]).replaceAll("'", "'\\''")}'`);
    return lines.join(" \\\n  ");
  }

  operation(path, method, item) {
    const operation = item[method];
    const all = [...(item.parameters || []), ...(operation.parameters || [])].map((one) => this.whole(one));
    const security = operation.security || this.api.security || [];
    const isOpen = security.length === 0 || security.some((one) => Object.keys(one).length === 0);
    const body = operation.requestBody && this.whole(operation.requestBody);
    return make("section", { class: "operation", id: operation.operationId },
      make("h3", {}, operation.summary || operation.operationId),
      make("p", { class: "route" }, make("span", { class: `method ${method}` }, method.toUpperCase()), make("code", {}, path),
        isOpen ? make("span", { class: "open" }, "no API key") : null),
      prose(operation.description),
      this.parameters(all),
      body ? [make("h4", {}, "Body"), this.content(body.content, inRequest)] : null,
      make("h4", {}, "Try it"), copyable(this.curl(method, path, all, operation, isOpen)),
      make("h4", {}, "Answers"),
      Object.entries(operation.responses).map(([status, answer]) => this.answer(status, answer)));
  }

  operations(tag) {
    return Object.entries(this.api.paths).flatMap(([path, item]) =>
      METHODS.filter((method) => item[method] && (item[method].tags || []).includes(tag)).map((method) => ({ path, method, item })));
  }
}

function show(api) {
  const reader = new Reader(api);
  const groups = api.tags.map((tag) => ({ tag, all: reader.operations(tag.name) })).filter(({ all }) => all.length);
  const schemes = Object.values((api.components && api.components.securitySchemes) || {});
  document.title = `${api.info.title} · API`;
  document.getElementById("contents").append(...groups.flatMap(({ tag, all }) => [
    make("h2", {}, tag.name),
    ...all.map(({ method, item }) => make("a", { href: `#${item[method].operationId}` },
      make("span", { class: `method ${method}` }, method.toUpperCase()), item[method].summary)),
  ]));
  document.getElementById("page").replaceChildren(
    make("h1", {}, api.info.title),
    make("p", { class: "faint" }, api.info.summary || "", " · ", make("a", { href: "openapi.json" }, "openapi.json"), ` (OpenAPI ${api.openapi})`),
    ...prose(api.info.description), ...schemes.flatMap((scheme) => prose(scheme.description)),
    ...groups.flatMap(({ tag, all }) => [
      make("h2", {}, tag.name), ...prose(tag.description),
      ...all.map(({ path, method, item }) => reader.operation(path, method, item)),
    ]));
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

if (matchMedia("(max-width: 55rem)").matches) document.getElementById("menu").removeAttribute("open");
fetch("openapi.json")
  .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(`status ${answer.status}`))))
  .then(show)
  .catch((error) => { document.getElementById("state")?.append(` It could not be read: ${error.message}.`); });
