"""Mistakes that AWS refuses, each planted in a recording that AWS accepts."""

from unit.aws_requests.planted import on_api, on_functions, on_queues, on_roles

PLANTED = [*on_functions.PLANTED, *on_queues.PLANTED, *on_api.PLANTED, *on_roles.PLANTED]
