"""Modules that are not there, do not load, or are of the wrong version."""

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
        "Add {package} to {environment}…",
        "open",
        "environment:{environment}:add={package}",
        restarts_at="environment",
        where="built",
    ),
    Way("Use another environment…", "open", "environments"),
)
_COMPARE = (
    Way(
        "Compare this notebook with {environment}",
        "command",
        "%aml environment diff {environment}",
        where="built",
    ),
    Way("Use another environment…", "open", "environments"),
)

MODULES = (
    Rule(
        name="version-mismatch",
        summary="versions do not fit",
        signs=(
            Sign(
                exception="ValueError",
                says=r"(?P<what>numpy\.\w+) size changed, may indicate binary incompatibility",
            ),
            Sign(exception="ImportError", says=r"numpy\.core\.multiarray failed to import"),
            Sign(exception="ImportError", says=r"compiled using NumPy 1\.x cannot be run"),
            Sign(
                exception="ImportError|OSError",
                says=r"version `(?P<wants>GLIBC(?:XX)?_[\d.]+)' not found",
            ),
            Sign(
                exception="ContextualVersionConflict|VersionConflict",
                says=r"\((?P<has>\S+ [\w.]+) .*?Requirement\.parse\('(?P<needs>[^']+)'\)",
            ),
            Sign(
                exception="ImportError|PackageNotFoundError",
                says=r"(?P<needs>\S+) is required for a normal functioning of this module, "
                r"but found (?P<has>\S+?)\.?(?:\s|$)",
            ),
            Sign(
                exception="AttributeError",
                says=r"module '(?P<module>numpy|pandas|scipy|sklearn|np)' has no attribute "
                r"'(?P<name>\w+)'",
            ),
            Sign(
                exception="AttributeError",
                says=r"`(?P<name>np\.\w+)` was removed in the NumPy (?P<release>[\d.]+) release",
            ),
            Sign(exception="ValueError", says=r"unsupported pickle protocol: (?P<protocol>\d+)"),
            Sign(
                exception="ImportError",
                says=r"cannot import name '(?P<name>\w+)' from '(?P<module>[\w.]+)' "
                r"\(\S*(?:site|dist)-packages",
            ),
            Sign(exception="ImportError", says=r"undefined symbol: (?P<symbol>\S+)"),
            Sign(
                exception="RuntimeError",
                says="CUDA driver version is insufficient for CUDA runtime version",
            ),
            Sign(line=r"requires a different Python: (?P<has>\S+) not in '(?P<needs>[^']+)'"),
            Sign(line=r"No matching distribution found for (?P<needs>\S+)$"),
            Sign(line=r"No solution found when resolving (?:script )?dependencies"),
            Sign(line=r"your requirements are unsatisfiable"),
            Sign(line=r"^ERROR: ResolutionImpossible"),
            Sign(line=r"error: Microsoft Visual C\+\+ [\d.]+ or greater is required"),
        ),
        causes=(
            "Versions do not fit: {needs} is needed, {has} is there",
            "{module} there has no {name}: the code was written for another version of it",
            "{name} is gone since NumPy {release}: the code was written for an older one",
            "A compiled package there needs {wants}, which the system's libraries lack",
            "A compiled package was built for another version of NumPy than the one that is there",
            "The file was pickled by a newer Python (protocol {protocol})",
            "Two compiled packages do not fit together: {symbol} is missing in one of them",
            "No version of {needs} fits this Python and the other packages",
            "Versions of packages do not fit together",
        ),
        ways=_COMPARE,
    ),
    Rule(
        name="missing-module",
        summary="{module} is missing",
        signs=(
            Sign(
                exception="ModuleNotFoundError",
                says=r"No module named '(?P<inner>[\w.]+)'; '(?P<hidden>\w+)' is not a package",
            ),
            Sign(
                exception="ModuleNotFoundError|ImportError",
                says=r"No module named '?(?P<module>\w[\w.-]*)'?",
            ),
            Sign(line=r": No module named '?(?P<module>\w[\w.-]*?)'?(?:; .*)?$", exit_codes=(1,)),
        ),
        causes=(
            "{hidden} is not a package: a file {hidden}.py of yours hides the one that was meant",
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
            ),
            Sign(
                exception="ImportError|OSError",
                says=r"(?P<library>lib[\w.+-]+\.so[\w.]*): cannot open shared object file",
            ),
            Sign(exception="ImportError", says=r"DLL load failed while importing (?P<module>\w+)"),
            Sign(
                exception="ImportError",
                says=r"cannot import name '(?P<name>\w+)' from '(?P<module>[\w.]+)'",
            ),
            Sign(
                exception="ImportError",
                says="attempted relative import with no known parent package",
            ),
            Sign(line=r"error while loading shared libraries: (?P<library>\S+?): cannot open"),
        ),
        causes=(
            "The system there lacks the library {library}, which a package needs to load",
            "{module} imports itself in a circle: it has no {name} yet when {name} is asked for",
            "{module} has no {name} to import",
            "{module} cannot be loaded: a library that it needs is missing",
            "A relative import needs a package: the file was run by itself",
        ),
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
