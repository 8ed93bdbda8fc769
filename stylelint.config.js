module.exports = {
  extends: [
    'stylelint-config-recommended',
    'stylelint-config-standard',
    'stylelint-prettier/recommended'
  ],
  rules: {
    // The sheet is grouped by component, so rules for one element are not sorted over the whole file.
    'no-descending-specificity': null,
    'selector-class-pattern': '^([a-z][A-z\\d]*)(-[A-z\\d]+)*$',
    // VS Code's own variables have capitals.
    'custom-property-pattern': '^(aml|jp|vscode)-',
    'property-no-vendor-prefix': null,
    'selector-no-vendor-prefix': null
  }
};
