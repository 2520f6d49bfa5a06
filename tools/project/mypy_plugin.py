"""mypy's view of `Event.after` and `Event.new`: the keywords that they take are the fields of the event.

`Published.after(consumed, …)` needs the fields that Published has and the type of `consumed` has not. A keyword that is
missing, misspelt or ill-typed is an error; so is a step that consumes an event which lacks what its outcome carries.
Nothing is written twice: the keywords follow from the classes.
"""

from collections.abc import Callable

from mypy.nodes import ARG_NAMED, ARG_NAMED_OPT, ARG_POS, TypeInfo, Var
from mypy.plugin import MethodSigContext, Plugin
from mypy.types import AnyType, CallableType, FunctionLike, Instance, Type, UnionType, get_proper_type

VALUE, EVENT = "saga.value.Value", "saga.event.Event"


class EventPlugin(Plugin):
    """Gives mypy the signatures."""

    def get_method_signature_hook(self, fullname: str) -> Callable[[MethodSigContext], FunctionLike] | None:
        """Return what computes the signature of a method, None for all methods but these two of events."""
        owner, _, method = fullname.rpartition(".")
        compute = {"after": _after, "new": _new}.get(method)
        found = self.lookup_fully_qualified(owner) if compute else None
        return compute if found and isinstance(found.node, TypeInfo) and found.node.has_base(EVENT) else None


def plugin(_version: str) -> type[Plugin]:
    """Return the plugin; mypy calls this."""
    return EventPlugin


def _after(context: MethodSigContext) -> FunctionLike:
    signature, event = context.default_signature, get_proper_type(context.default_signature.ret_type)
    if not (isinstance(event, Instance) and context.args and context.args[0]):
        return signature
    consumed = get_proper_type(context.api.get_expression_type(context.args[0][0]))
    carried = set(_fields(event.type)) if isinstance(consumed, AnyType) else _carried(consumed)
    return _taking(signature, event.type, carried=carried, before=1)


def _new(context: MethodSigContext) -> FunctionLike:
    signature, event = context.default_signature, get_proper_type(context.default_signature.ret_type)
    # `**fields` of a dictionary may hold any of them: there is nothing to check.
    if not isinstance(event, Instance):
        return signature
    return _taking(signature, event.type, carried=set(), before=0)


def _taking(signature: CallableType, event: TypeInfo, *, carried: set[str], before: int) -> CallableType:
    """Return the signature with a keyword for each field of the event, optional if it is carried or has a default."""
    fields = _fields(event)
    # What Pydantic's own plugin found: a class that mypy reads from its cache has no defaults any more.
    found = event.metadata["pydantic-mypy-metadata"]["fields"]
    optional = [name in carried or found[name]["has_default"] for name in fields]
    types: list[Type] = [field.type for field in fields.values() if field.type is not None]
    return signature.copy_modified(
        arg_types=[*signature.arg_types[:before], *types],
        arg_kinds=[*[ARG_POS] * before, *(ARG_NAMED_OPT if each else ARG_NAMED for each in optional)],
        arg_names=[*signature.arg_names[:before], *fields],
    )


def _carried(consumed: Type) -> set[str]:
    """Return the names of the fields that an event of this type has for certain."""
    kind = get_proper_type(consumed)
    if isinstance(kind, UnionType):
        return set.intersection(*(_carried(member) for member in kind.items))
    return set(_fields(kind.type)) if isinstance(kind, Instance) else set()


def _fields(event: TypeInfo) -> dict[str, Var]:
    """Return the fields of an event, in the order in which its bases and it declare them."""
    bases = [base for base in reversed(event.mro) if base.has_base(VALUE)]
    return {
        name: found.node
        for base in bases
        for name, found in base.names.items()
        if isinstance(found.node, Var) and not found.node.is_classvar and found.node.type and not name.startswith("_")
    }
