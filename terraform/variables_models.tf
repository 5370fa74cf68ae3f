# What may be generated, and what it costs.

variable "models" {
  description = "The catalogue: media type => model id => {version, pricing, estimatedTime, supportedParams, and optionally inputSchema, defaults, deadlineSeconds}."
  type        = any # a schema differs in type from model to model, which no map(object) can hold

  default = {
    video = {
      stability-video = {
        version         = "stability-ai/stable-video-diffusion"
        pricing         = 0.05
        estimatedTime   = 60
        supportedParams = ["input_image", "video_length", "sizing_strategy", "frames_per_second", "motion_bucket_id", "cond_aug", "decoding_t", "seed"]
        inputSchema = {
          required = ["input_image"]
          properties = {
            input_image       = { type = "string", format = "uri" }
            video_length      = { enum = ["14_frames_with_svd", "25_frames_with_svd_xt"] }
            sizing_strategy   = { enum = ["maintain_aspect_ratio", "crop_to_16_9", "use_image_dimensions"] }
            frames_per_second = { type = "integer", minimum = 5, maximum = 30 }
            motion_bucket_id  = { type = "integer", minimum = 1, maximum = 255 }
            cond_aug          = { type = "number" }
            decoding_t        = { type = "integer" }
            seed              = { type = "integer" }
          }
        }
      }
    }
    image = {
      flux-schnell = {
        version         = "black-forest-labs/flux-schnell"
        pricing         = 0.003
        estimatedTime   = 5
        supportedParams = ["prompt", "aspect_ratio", "num_outputs", "seed", "output_format", "output_quality"]
        inputSchema = {
          required = ["prompt"]
          properties = {
            prompt         = { type = "string", minLength = 1 }
            aspect_ratio   = { enum = ["1:1", "16:9", "21:9", "3:2", "2:3", "4:5", "5:4", "3:4", "4:3", "9:16", "9:21"] }
            num_outputs    = { type = "integer", minimum = 1, maximum = 4 }
            seed           = { type = "integer" }
            output_format  = { enum = ["webp", "jpg", "png"] }
            output_quality = { type = "integer", minimum = 0, maximum = 100 }
          }
        }
      }
    }
    audio = {
      musicgen = {
        version         = "meta/musicgen"
        pricing         = 0.07
        estimatedTime   = 45
        supportedParams = ["prompt", "model_version", "duration", "temperature", "output_format", "seed"]
        inputSchema = {
          required = ["prompt"]
          properties = {
            prompt        = { type = "string", minLength = 1 }
            model_version = { enum = ["stereo-large", "stereo-melody-large", "large", "melody-large"] }
            duration      = { type = "integer", minimum = 1, maximum = 30 }
            temperature   = { type = "number", minimum = 0 }
            output_format = { enum = ["wav", "mp3"] }
            seed          = { type = "integer" }
          }
        }
      }
    }
  }

  validation {
    condition     = can(keys(var.models)) && try(length(setsubtract(keys(var.models), ["video", "image", "audio"])), 1) == 0
    error_message = "The media types must be video, image and audio."
  }

  validation {
    condition = try(alltrue(flatten([for type, models in var.models : [for id, model in models :
      can(regex("^([a-z0-9][a-z0-9._-]*/[a-z0-9][a-z0-9._-]*(:[0-9a-f]{64})?|[0-9a-f]{64})$", model.version))
    ]])), false)
    error_message = "The version of a model must be owner/name, owner/name:version, or the 64 hexadecimal digits of one version."
  }

  validation {
    condition = try(alltrue(flatten([for type, models in var.models : [for id, model in models :
      model.pricing >= 0 && model.estimatedTime > 0 && can([for name in model.supportedParams : regex("^[A-Za-z0-9_]+$", name)])
    ]])), false)
    error_message = "A model needs pricing (dollars, 0 or more), estimatedTime (seconds, more than 0) and supportedParams (a list of names)."
  }

  validation {
    condition = try(alltrue(flatten([for type, models in var.models : [for id, model in models :
      length(setsubtract(keys(model), ["version", "pricing", "estimatedTime", "supportedParams", "inputSchema", "defaults", "deadlineSeconds"])) == 0
    ]])), false)
    error_message = "A model may have version, pricing, estimatedTime, supportedParams, inputSchema, defaults and deadlineSeconds, and no other field."
  }

  # Measured like Lambda does: as JSON text inside JSON text. The other variables have the remaining 1 KB.
  validation {
    condition     = length(base64encode(jsonencode({ MODELS = jsonencode(var.models) }))) * 3 / 4 <= 3072
    error_message = "The models take more than 3072 of the 4096 bytes Lambda allows for all environment variables: shorten them, or move entries to the table model_configurations."
  }
}
