; What JavaScript and TypeScript share. Capture names: see extraction/captures.py.
; Names are matched by any node, as the two grammars name them differently.

(export_statement declaration: (_)) @wrap
(export_statement value: (_)) @wrap

(class_declaration name: (_) @name body: (class_body) @body) @def.class
(function_declaration name: (_) @name body: (statement_block) @body) @def.function
(generator_function_declaration
  name: (_) @name body: (statement_block) @body) @def.function
(method_definition
  name: [(property_identifier) (private_property_identifier)] @name
  body: (statement_block) @body) @def.method

; `export default` of something without a name.
(export_statement "default" @name
  value: (function_expression body: (_) @body)) @def.function
(export_statement "default" @name
  value: (arrow_function body: (_) @body)) @def.function
(export_statement "default" @name value: (class body: (_) @body)) @def.class
(export_statement "default" @name
  value: [(call_expression) (object) (new_expression) (array)]) @def.variable

; A function or class that a variable or an assignment names, at any depth.
(variable_declarator name: (identifier) @name
  value: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
    (generator_function body: (_) @body)]) @def.function
(variable_declarator name: (identifier) @name
  value: (class body: (class_body) @body)) @def.class
(assignment_expression
  left: (member_expression
    object: (identifier) @_exports property: (property_identifier) @name)
  right: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)]
  (#eq? @_exports "exports")) @def.function
(assignment_expression
  left: (member_expression
    object: (member_expression
      object: (identifier) @_module property: (property_identifier) @_exports)
    property: (property_identifier) @name)
  (#eq? @_module "module") (#eq? @_exports "exports")) @def.variable
(assignment_expression
  left: (member_expression
    object: (identifier) @_exports property: (property_identifier) @name)
  (#eq? @_exports "exports")) @def.variable
(assignment_expression
  left: (member_expression
    object: (member_expression
      object: (_) @scope property: (property_identifier) @_prototype)
    property: (property_identifier) @name)
  right: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)]
  (#eq? @_prototype "prototype")) @def.method

(assignment_expression
  left: (member_expression
    object: (identifier) @_module property: (property_identifier) @_exports)
  right: (class name: (_) @name body: (class_body) @body)
  (#eq? @_module "module") (#eq? @_exports "exports")) @def.class
(assignment_expression
  left: (member_expression
    object: (identifier) @_module property: (property_identifier) @_exports)
  right: (function_expression name: (_) @name body: (_) @body)
  (#eq? @_module "module") (#eq? @_exports "exports")) @def.function
; `app.listen = function () {...}` at the top of a file.
(program (expression_statement (assignment_expression
  left: (member_expression
    object: (identifier) @scope property: (property_identifier) @name)
  right: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)]) @def.method)
  (#not-match? @scope "^(exports|module|window|self|globalThis)$"))

; Variables of a module. Locals are no symbols.
(program (lexical_declaration kind: "const"
  (variable_declarator name: [
    (identifier) @name
    (object_pattern [
      (shorthand_property_identifier_pattern) @name
      (pair_pattern value: (identifier) @name)])
    (array_pattern (identifier) @name)]) @def.constant))
(program (lexical_declaration kind: "let"
  (variable_declarator name: [
    (identifier) @name
    (object_pattern [
      (shorthand_property_identifier_pattern) @name
      (pair_pattern value: (identifier) @name)])
    (array_pattern (identifier) @name)]) @def.variable))
(program (variable_declaration
  (variable_declarator name: [
    (identifier) @name
    (object_pattern [
      (shorthand_property_identifier_pattern) @name
      (pair_pattern value: (identifier) @name)])]) @def.variable))
(export_statement (lexical_declaration kind: "const"
  (variable_declarator name: [
    (identifier) @name
    (object_pattern [
      (shorthand_property_identifier_pattern) @name
      (pair_pattern value: (identifier) @name)])]) @def.constant))
(export_statement (lexical_declaration kind: "let"
  (variable_declarator name: (identifier) @name) @def.variable))
(export_statement (variable_declaration
  (variable_declarator name: (identifier) @name) @def.variable))
(program (lexical_declaration (variable_declarator
  value: (new_expression constructor: [(identifier) (member_expression)] @made))))
(program (lexical_declaration (variable_declarator
  value: (call_expression function: [(identifier) (member_expression)] @made))))
(export_statement (lexical_declaration (variable_declarator
  value: (new_expression constructor: [(identifier) (member_expression)] @made))))
(export_statement (lexical_declaration (variable_declarator
  value: (call_expression function: [(identifier) (member_expression)] @made))))

; What a module's object literal holds.
(program [
  (lexical_declaration (variable_declarator value: (object (pair
    key: (property_identifier) @name) @def.property)))
  (variable_declaration (variable_declarator value: (object (pair
    key: (property_identifier) @name) @def.property)))
  (export_statement (lexical_declaration (variable_declarator value: (object (pair
    key: (property_identifier) @name) @def.property))))])
(pair key: (property_identifier) @name
  value: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)]) @def.method

; `this.x = ...` declares a field where no declaration did.
(assignment_expression left: (member_expression object: (this))) @member
(assignment_expression left: (member_expression object: (this))
  right: (new_expression constructor: [(identifier) (member_expression)] @made))

(call_expression function: [(identifier) (member_expression) (super)] @call)
(new_expression constructor: [(identifier) (member_expression)] @call)
(decorator [(identifier) (member_expression)] @uses)

(import_statement) @import
(export_statement source: (string)) @import
(export_statement (export_clause)) @import
(export_statement "default") @import
(lexical_declaration (variable_declarator
  value: [
    (call_expression function: (identifier) @_require
      arguments: (arguments . (string) .))
    (member_expression object: (call_expression function: (identifier) @_require
      arguments: (arguments . (string) .)))])
  (#eq? @_require "require")) @import
(variable_declaration (variable_declarator
  value: [
    (call_expression function: (identifier) @_require
      arguments: (arguments . (string) .))
    (member_expression object: (call_expression function: (identifier) @_require
      arguments: (arguments . (string) .)))])
  (#eq? @_require "require")) @import
