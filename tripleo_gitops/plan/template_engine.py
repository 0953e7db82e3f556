"""Jinja2 for a plan's templates: sandboxed, seeing nothing but the plan tree, and bounded in what it writes.

A plan's templates are somebody else's programs. The time that they may take is bounded by whoever runs them
in a process of its own; the memory that a single expression may take at once is bounded here: products,
powers, widths of padding and of formats.
"""

from __future__ import annotations

import posixpath
import re
from contextlib import suppress
from functools import wraps
from typing import TYPE_CHECKING, Any

import jinja2
from jinja2.exceptions import SecurityError
from jinja2.sandbox import SandboxedEnvironment

from tripleo_gitops.documents.invalid import InvalidDocument
from tripleo_gitops.documents.tree import MissingFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import TracebackType

    from tripleo_gitops.documents.tree import PlanTree

OUTPUT_LIMIT = 16 * 1024 * 1024
EXPONENT_LIMIT = 4096
_WIDE_FORMAT = re.compile(r"[%{][^%{}]{0,40}[0-9]{7}")
_PADDING_FILTERS = ("batch", "center", "format", "indent", "truncate", "wordwrap")
_PADDING_METHODS = ("center", "expandtabs", "ljust", "rjust", "zfill")

_FAILURES = (
    jinja2.TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)


class TemplateError(InvalidDocument):
    """A Jinja2 template that cannot be rendered; says the template's file and line, and for what."""

    reason = "TemplateError"


class TemplateEngine:
    """Compiles and renders the templates of one plan tree; keeps what it compiled."""

    def __init__(self, tree: PlanTree, *, output_limit: int = OUTPUT_LIMIT) -> None:
        self._tree, self._output_limit = tree, output_limit
        self._environments: dict[str, _PlanEnvironment] = {}
        self._compiled: dict[str, jinja2.Template] = {}

    def expect(self, wanted: Iterable[tuple[str, str]] = ()) -> None:
        """Do nothing: what renders here needs no time to begin, and nobody compiles meanwhile."""

    def prepare(self, path: str, *, output: str) -> None:
        """Compile a template ahead; one that cannot be compiled is left to `render`, which says why."""
        with suppress(TemplateError, MissingFile, MemoryError, *_FAILURES):
            self._template(path, self._environment(posixpath.dirname(output)))

    def render(self, path: str, data: Mapping[str, Any], *, output: str) -> tuple[str, frozenset[str]]:
        """Return what the template at `path` makes of `data`, and the names that it included.

        All outputs of one template have one directory, which is searched first. Raises TemplateError.
        """
        environment = self._environment(posixpath.dirname(output))
        environment.included.clear()
        try:
            text = self._collect(self._template(path, environment), data, path=path, output=output)
        except TemplateError:
            raise
        except _FAILURES as exc:
            raise _template_error(exc, path=path, output=output, known=self._tree.paths()) from exc
        return text, frozenset(environment.included)

    def _template(self, path: str, environment: _PlanEnvironment) -> jinja2.Template:
        if path not in self._compiled:
            text = read_text(self._tree, path)
            code = environment.compile(text, name=None, filename=path)
            self._compiled[path] = jinja2.Template.from_code(environment, code, dict(environment.globals))
        return self._compiled[path]

    def _environment(self, directory: str) -> _PlanEnvironment:
        if directory not in self._environments:
            self._environments[directory] = _PlanEnvironment(self._tree, directory, limit=self._output_limit)
        return self._environments[directory]

    def _collect(self, template: jinja2.Template, data: Mapping[str, Any], *, path: str, output: str) -> str:
        parts: list[str] = []
        size = 0
        for part in template.generate(data):
            parts.append(part)
            size += len(part)
            if size > self._output_limit:
                problem = f"{output} grows over the limit of {self._output_limit} characters"
                raise TemplateError(problem, source=path)
        text = "".join(parts)
        text.encode("utf-8")  # half a surrogate pair, which an expression can make, is no text
        return text


def include_candidates(directory: str, name: str) -> tuple[str, ...]:
    """Return where an included name is looked for: beside the output, then at the plan's root."""
    pieces = [piece for piece in name.split("/") if piece not in ("", ".")]
    if ".." in pieces or not pieces:
        return ()
    relative = "/".join(pieces)
    return tuple(dict.fromkeys((posixpath.join(directory, relative), relative)))


def read_text(tree: PlanTree, path: str) -> str:
    """Return a template's text with line feeds only, as upstream opens it; raises TemplateError."""
    content = tree.read(path)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as exc:
        line = content.count(b"\n", 0, exc.start) + 1
        raise TemplateError("not UTF-8; save the file as UTF-8", source=path, line=line) from exc
    return text.replace("\r\n", "\n").replace("\r", "\n")


class _PlanLoader(jinja2.BaseLoader):
    """Finds included templates in the plan tree, beside the output and at the root, and nowhere else."""

    def __init__(self, tree: PlanTree, directory: str) -> None:
        self._tree, self._directory = tree, directory

    def get_source(
        self, environment: jinja2.Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        del environment
        for path in include_candidates(self._directory, template):
            try:
                return read_text(self._tree, path), path, lambda: True
            except MissingFile:
                continue
        raise jinja2.TemplateNotFound(template)


class _PlanEnvironment(SandboxedEnvironment):
    """A sandbox for the templates whose output goes to one directory; notes what they include."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def __init__(self, tree: PlanTree, directory: str, *, limit: int) -> None:
        super().__init__(loader=_PlanLoader(tree, directory), autoescape=False, optimized=False)
        self.included: set[str] = set()
        self._limit = limit
        self.filters = dict(self.filters)
        self.filters.update((name, self._bounded(self.filters[name])) for name in _PADDING_FILTERS)

    def get_template(self, name: Any, parent: Any = None, globals: Any = None) -> jinja2.Template:  # noqa: A002
        self.included.add(str(name))
        return super().get_template(name, parent, globals)

    def select_template(self, names: Any, parent: Any = None, globals: Any = None) -> jinja2.Template:  # noqa: A002
        if not isinstance(names, jinja2.Undefined):
            self.included.update(str(name) for name in names)
        return super().select_template(names, parent, globals)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "**" and isinstance(right, int | float) and abs(right) > EXPONENT_LIMIT:
            raise SecurityError(f"an exponent over {EXPONENT_LIMIT} is not allowed")
        if operator == "%" and isinstance(left, str):
            _check_format(left)
        if operator == "*":
            self._check_product(left, right)
            self._check_product(right, left)
        return super().call_binop(context, operator, left, right)

    def call(self, context: Any, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        text = getattr(obj, "__self__", None)
        if isinstance(text, str):
            if obj.__name__ in _PADDING_METHODS:
                self._check_widths(args)
            if obj.__name__ in ("format", "format_map"):
                _check_format(text)
        return super().call(context, obj, *args, **kwargs)

    def _bounded(self, used: Callable[..., Any]) -> Callable[..., Any]:
        """Return a filter that refuses widths which only make sense to fill the memory."""

        @wraps(used)
        def filter_within_bounds(*args: Any, **kwargs: Any) -> Any:
            self._check_widths((*args[1:], *kwargs.values()))
            if used.__name__ == "do_format" and isinstance(args[0], str):
                _check_format(args[0])
            return used(*args, **kwargs)

        return filter_within_bounds

    def _check_widths(self, arguments: Iterable[Any]) -> None:
        for argument in arguments:
            if isinstance(argument, int) and abs(argument) > self._limit:
                raise SecurityError(f"a width of {argument} is over {self._limit}")

    def _check_product(self, sequence: Any, factor: Any) -> None:
        if isinstance(sequence, str | list | tuple) and isinstance(factor, int):
            length = len(sequence) * factor
            if length > self._limit:
                raise SecurityError(f"a repetition to {length} characters or items is over {self._limit}")


def _check_format(text: str) -> None:
    if _WIDE_FORMAT.search(text):
        raise SecurityError("a format with a width or a precision of seven digits is over all bounds")


def _template_error(exc: Exception, *, path: str, output: str, known: Any) -> TemplateError:
    source, line = path, None
    if isinstance(exc, jinja2.TemplateSyntaxError):
        source, line = exc.filename or path, exc.lineno
    else:
        place = _place_in_templates(exc.__traceback__, known)
        if place is not None:
            source, line = place
    if isinstance(exc, jinja2.TemplateNotFound):
        problem = f"{exc.name!r}, which is included here, is not in the plan"
    else:
        problem = " ".join(str(exc).split()) or type(exc).__name__
    return TemplateError(f"{problem} (rendering {output})", source=source, line=line)


def _place_in_templates(traceback: TracebackType | None, known: Any) -> tuple[str, int] | None:
    """Return the innermost template and line of a traceback: Jinja2 rewrites its frames to the sources."""
    place = None
    while traceback is not None:
        name = traceback.tb_frame.f_code.co_filename
        if name in known:
            place = (name, traceback.tb_lineno)
        traceback = traceback.tb_next
    return place
