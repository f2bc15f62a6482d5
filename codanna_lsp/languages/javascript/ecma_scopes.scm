; Where names bind in JavaScript and in TypeScript. The captures: see
; python/scopes.scm.

(variable_declaration (variable_declarator name: (identifier) @variable.hoisted))
(lexical_declaration (variable_declarator name: (identifier) @variable))
(shorthand_property_identifier_pattern) @variable
(pair_pattern value: (identifier) @variable)
(array_pattern (identifier) @variable)
(rest_pattern (identifier) @variable)
(assignment_pattern left: (identifier) @variable)
(for_in_statement kind: _ left: (identifier) @variable)
(catch_clause parameter: (identifier) @variable)

(function_declaration name: (identifier) @function.outer)
(generator_function_declaration name: (identifier) @function.outer)
(function_expression name: (identifier) @function)
(generator_function name: (identifier) @function)
(arrow_function parameter: (identifier) @parameter)

(import_clause (identifier) @import)
(namespace_import (identifier) @import)
(import_specifier name: (identifier) @import !alias)
(import_specifier alias: (identifier) @import)
