"""Modules that are not there, or do not load."""

from __future__ import annotations

from jupyter_aml.service.doctor.rule import Rule, Sign, Way

_INSTALL = (
    Way(
        "Install {package} in this notebook's environment",
        "command",
        "%pip install {package}",
        restarts_at="process",
        where="kernel-cell",
    ),
    Way(
        "Install {package} in the job's interpreter",
        "command",
        "{python} -m pip install {package}",
        restarts_at="process",
        where="kernel-command",
    ),
    Way(
        "Install {package} for the Python that the command starts",
        "command",
        "{any_python} -m pip install {package}",
        restarts_at="process",
        where="kernel-command",
    ),
    Way(
        "Add {package} to {environment}…",
        "open",
        "environment:{environment}:add={package}",
        restarts_at="environment",
        where="built",
    ),
    Way("Use another environment…", "open", "environments"),
)
_PYTHON_2 = (
    "urllib2|ConfigParser|Queue|StringIO|cPickle|cStringIO|Tkinter|httplib|urlparse|HTMLParser"
    "|__builtin__|commands"
)
_OWN = (
    r"(?:src|utils?|helpers?|common|config|lib|core|models?|data|scripts|tests?|main|train)"
    r"(?:\.[\w.]+)?"
)
"""Names that people give to their own modules; a package of that name would be a stranger's."""
_NO_LIBRARY = "The system there lacks the library {library}, which a package needs to load"

MODULES = (
    Rule(
        name="missing-module",
        summary="{module} is missing",
        signs=(
            Sign(
                exception="ModuleNotFoundError",
                says=r"No module named '(?P<module>[\w.]+)'; '(?P<hidden>\w+)' is not a package",
                cause="{hidden} is not a package: a file {hidden}.py hides the one that was meant",
            ),
            Sign(
                exception="ModuleNotFoundError",
                says=rf"No module named '(?P<old>{_PYTHON_2})'",
                cause="{old} is a module of Python 2: the code was written for that",
            ),
            Sign(
                exception="ModuleNotFoundError",
                says=rf"No module named '(?P<own>{_OWN})'",
                cause="There is no module {own} where Python looks, which begins at the folder of "
                "the file that it was told to run",
            ),
            Sign(
                exception="ImportError",  # of pandas
                says=r"(?:`Import |^Missing optional dependency ')(?P<module>\w+)[`']",
            ),
            Sign(
                exception="Error",  # of Node.js
                says=r"^Cannot find (?:module|package) '(?P<foreign>[^'./][^']*)'",
                cause="Node.js finds no module {foreign} there",
            ),
            Sign(
                exception="ModuleNotFoundError|ImportError",
                says=r"No module named '?(?P<module>\w[\w.-]*)'?",
            ),
            Sign(line=r"^\S*python[\d.]*(?:\.exe)?: No module named (?P<module>\w[\w.-]*)$"),
            # of gunicorn and of pytest, which tell of the exception in their own way
            Sign(line=r"^No module named '(?P<module>\w[\w.]*)'$", final=True),
            Sign(
                line=r"^E +ModuleNotFoundError: No module named '(?P<module>\w[\w.]*)'$",
                exit_codes=(2,),
            ),
            Sign(
                line=r"there is no package called [‘'](?P<foreign>[\w.]+)[’']$",
                final=True,
                cause="R has no package {foreign} there",
            ),
        ),
        causes=(
            "The environment {environment} has no module {module}: it is in the package {other}",
            "The environment {environment} has no module {module}",
        ),
        ways=_INSTALL,
    ),
    Rule(
        name="import-at-start",
        summary="an import fails",
        signs=(
            Sign(
                exception="ImportError",
                says=r"cannot import name '(?P<name>\w+)' from partially initialized module "
                r"'(?P<module>[\w.]+)'",
                cause="{module} imports itself in a circle: it has no {name} yet when that is "
                "asked for",
            ),
            Sign(
                exception="ImportError|OSError",
                says=r"(?P<library>lib[\w.+-]+\.so[\w.]*): cannot open shared object file",
                cause=_NO_LIBRARY,
            ),
            Sign(
                exception="ImportError",
                says=r"DLL load failed while importing (?P<module>\w+)",
                cause="{module} cannot be loaded: a library that it needs is missing",
            ),
            Sign(
                exception="ImportError",
                says=r"cannot import name '(?P<name>\w+)' from '(?P<module>[\w.]+)'",
                cause="{module} has no {name} to import",
            ),
            Sign(
                exception="ImportError",
                says="attempted relative import with no known parent package",
                cause="A relative import needs a package, and the file was run by itself",
            ),
            Sign(
                exception="ImportError",
                says="attempted relative import beyond top-level package",
                cause="A relative import leads out of the package that Python was started with",
            ),
            Sign(
                exception="AttributeError|ImportError",
                says=r"consider renaming '(?P<own>[^']+)' since it has the same name",
                cause="{own} hides the module that was meant",
            ),
            Sign(
                exception="AttributeError",
                says=r"^partially initialized module '(?P<module>[\w.]+)' has no attribute",
                cause="{module} imports itself in a circle, or a file {module}.py hides the one "
                "that was meant",
            ),
            Sign(
                exception="ImportError|OSError",
                says=r"(?P<file>[^\s:]+): (?:file too short|invalid ELF header|wrong ELF class)",
                cause="{file} is no library for this machine: it is damaged, or made for another",
            ),
            Sign(
                exception="ImportError",
                says=r"dynamic module does not define .* function \(PyInit_(?P<name>\w+)",
                cause="{name} is a compiled library, and no module of Python",
            ),
            Sign(
                line=r"error while loading shared libraries: (?P<library>\S+?): cannot open",
                cause=_NO_LIBRARY,
            ),
        ),
        causes=("An import fails",),
        ways=(
            Way("Go to line {line}", "open", "cell:{line}"),
            Way(
                "Install the variant that needs no display: {headless}",
                "command",
                "%pip install {headless}",
                restarts_at="process",
                where="kernel-cell",
            ),
            Way("Use another environment…", "open", "environments"),
        ),
    ),
)
