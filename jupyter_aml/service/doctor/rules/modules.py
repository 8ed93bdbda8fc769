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

_OTHER_NUMPY = (
    "A compiled package was built for another version of NumPy than the one that is there"
)
_NEEDS = "Versions do not fit: {needs} is needed, {has} is there"
_LACKS = "{module} there has no {name}: the code was written for another version of it"
_NO_LIBRARY = "The system there lacks the library {library}, which a package needs to load"

MODULES = (
    Rule(
        name="version-mismatch",
        summary="versions do not fit",
        signs=(
            Sign(
                exception="ValueError",
                says=r"numpy\.\w+ size changed, may indicate binary incompatibility",
                cause=_OTHER_NUMPY,
            ),
            Sign(
                exception="ImportError",
                says=r"numpy\.core\.multiarray failed to import|compiled using NumPy 1\.x cannot",
                cause=_OTHER_NUMPY,
            ),
            Sign(
                exception="ImportError|OSError",
                says=r"version `(?P<wants>GLIBC(?:XX)?_[\d.]+)' not found",
                cause="A compiled package there needs {wants}, which the system's libraries lack",
            ),
            Sign(
                line=r"^(?P<program>\S+): .*version `(?P<wants>GLIBC(?:XX)?_[\d.]+)' not found",
                cause="{program} needs {wants}, which the system's libraries there lack",
            ),
            Sign(
                exception="TypeError",
                says=r"^Descriptors cannot (?:not )?be created directly",
                cause="Code that was generated for an older protobuf than the one that is there",
            ),
            Sign(
                exception="ContextualVersionConflict|VersionConflict",
                says=r"\((?P<has>\S+ [\w.]+) .*?Requirement\.parse\('(?P<needs>[^']+)'\)",
                cause=_NEEDS,
            ),
            Sign(
                exception="ImportError|PackageNotFoundError",
                says=r"(?P<needs>\S+) is required for a normal functioning of this module, "
                r"but found (?P<has>\S+?)\.?(?:\s|$)",
                cause=_NEEDS,
            ),
            Sign(
                exception="AttributeError",
                says=r"module '(?P<module>numpy|pandas|scipy|sklearn|np)' has no attribute "
                r"'(?P<name>\w+)'",
                cause=_LACKS,
            ),
            Sign(
                exception="AttributeError",
                says=r"`(?P<name>np\.\w+)` was removed in the NumPy (?P<release>[\d.]+) release",
                cause="{name} is gone since NumPy {release}: the code was written for an older one",
            ),
            Sign(
                exception="ValueError",
                says=r"unsupported pickle protocol: (?P<protocol>\d+)",
                cause="The file was pickled by a newer Python (protocol {protocol})",
            ),
            Sign(
                exception="ImportError",
                says=r"cannot import name '(?P<name>\w+)' from '(?P<module>[\w.]+)' "
                r"\(\S*(?:site|dist)-packages",
                cause=_LACKS,
            ),
            Sign(
                exception="ImportError",
                says=r"undefined symbol: (?P<symbol>\S+)",
                cause="Two compiled packages do not fit together: one lacks {symbol}",
            ),
            Sign(
                exception="RuntimeError",
                says="CUDA driver version is insufficient for CUDA runtime version",
                cause="The GPU's driver there is older than the CUDA that packages were built for",
            ),
            Sign(
                line=r"requires a different Python: (?P<has>\S+) not in '(?P<needs>[^']+)'",
                cause="A package needs Python {needs}, {has} is there",
            ),
            Sign(
                line=r"No matching distribution found for (?P<needs>\S+)$",
                cause="No version of {needs} fits this Python and platform",
            ),
            Sign(line=r"No solution found when resolving (?:script )?dependencies"),
            Sign(line=r"requirements are unsatisfiable"),
            Sign(line=r"^ERROR: ResolutionImpossible"),
        ),
        causes=("No set of versions fits all that was asked for",),
        ways=_COMPARE,
    ),
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
                exception="ModuleNotFoundError|ImportError",
                says=r"No module named '?(?P<module>\w[\w.-]*)'?",
            ),
            Sign(line=r"^\S*python[\d.]*(?:\.exe)?: No module named (?P<module>\w[\w.-]*)$"),
        ),
        causes=("The environment {environment} has no module {module}",),
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
