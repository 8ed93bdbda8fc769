"""Versions that do not go together: binaries, saved objects, generated code, names that moved."""

from __future__ import annotations

from jupyter_aml.service.doctor.rule import Rule, Sign, Way

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
_OLD_MODEL = (
    r"InconsistentVersionWarning: Trying to unpickle estimator \w+ from version (?P<wants>\S+) "
    r"when using version (?P<has>\S+)\."
)
_MODEL = "The model was pickled with scikit-learn {wants}, and {has} is there"

VERSIONS = (
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
                says=r"^module '(?P<module>numpy|pandas|scipy|sklearn|np)' has no attribute "
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
                # the first part was found, and its maker gives it no part of that name
                exception="ModuleNotFoundError",
                says=r"^No module named '(?P<name>(?P<parent>numpy|pandas|scipy|sklearn|torch"
                r"|tensorflow|keras|transformers|pydantic|sqlalchemy|matplotlib|networkx)\.[\w.]+)'$",
                cause="{parent} there has no {name}: the code, or what was pickled, is of "
                "another version of it",
            ),
            Sign(
                exception="AttributeError",
                says=r"^'(?P<kind>DataFrame|Series)' object has no attribute "
                r"'(?P<name>append|iteritems|ix|as_matrix|get_value|set_value|lookup|mad|applymap)'",
                within=r"pandas[/\\]core",
                cause="A {kind} of this pandas has no {name} any more: the code was written for an "
                "older one",
            ),
            Sign(
                exception="AttributeError",
                says=r"^'(?:Option)?Engine' object has no attribute 'execute'",
                cause="SQLAlchemy's engine has no execute since 2.0: the code was written for an "
                "older one",
            ),
            Sign(
                exception="TypeError",
                says=r"^(?P<kind>OneHotEncoder|AgglomerativeClustering|(?:Ada|Bagging)\w*"
                r"|LinearRegression|Ridge\w*|Lasso\w*)\.__init__\(\) got an unexpected keyword "
                r"argument '(?P<name>sparse|affinity|base_estimator|normalize)'",
                cause="{kind} of this scikit-learn takes no {name} any more: the code was written "
                "for an older one",
            ),
            Sign(
                exception="AttributeError",
                says=r"^'\w+' object has no attribute",
                within=r"sklearn[/\\]",
                told=_OLD_MODEL,
                cause=_MODEL,
            ),
            Sign(
                exception="ValueError|ModuleNotFoundError|KeyError",
                told=_OLD_MODEL,
                says=r"^node array from the pickle has an incompatible dtype|^No module named "
                r"'sklearn\.",
                cause=_MODEL,
            ),
            Sign(
                exception="ValueError",
                says="^node array from the pickle has an incompatible dtype",
                cause="The model was pickled with another version of scikit-learn",
            ),
            Sign(
                exception="TypeError",
                says=r"^code(?:\(\))? (?:expected at (?:most|least)|argument \d+ must be) ",
                cause="A function there was pickled by another version of Python",
            ),
            Sign(
                exception="Pydantic(?:Import|User)Error",
                says=r"^`(?P<name>[^`]+)` (?:has been (?:moved|removed)|is removed)",
                cause="pydantic there has no {name}: the code was written for an older one",
            ),
            Sign(
                exception="VersionError",
                says=r"Protobuf Gencode/Runtime .*?gencode (?P<wants>[\d.]+\d) runtime "
                r"(?P<has>[\d.]+\d)",
                cause="Code that was generated for protobuf {wants} does not go with {has}, which "
                "is there",
            ),
            Sign(
                exception="ImportError",
                says=r"urllib3 v2 only supports OpenSSL 1\.1\.1\+.* '(?P<has>OpenSSL \S+)",
                cause="urllib3 2 needs OpenSSL 1.1.1 or newer, {has} is there",
            ),
            Sign(
                exception="RuntimeError|AcceleratorError",
                says="no kernel image is available for execution on the device",
                cause="The packages there were not built for a GPU of this kind",
            ),
            Sign(
                line=r"UnsupportedClassVersionError: (?P<name>\S+) has been compiled by a more "
                r"recent version",
                cause="{name} was compiled for a newer Java than the one that is there",
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
)
