; What a C file declares, calls, mentions and includes; C++ reads this too. Capture
; names: see extraction/captures.py. A declarator's name is captured wherever it
; stands; it counts only inside a declaration whose body has not begun.

(function_definition body: (compound_statement) @body) @def.function
(function_definition type: (_) @type)
(function_declarator declarator: (identifier) @name)
(function_declarator declarator: (parenthesized_declarator (pointer_declarator
  declarator: [
    (identifier) @name
    (field_identifier) @name
    (type_identifier) @name
    (array_declarator declarator: (identifier) @name)
    (array_declarator declarator: (field_identifier) @name)])))
(function_declarator declarator:
  (parenthesized_declarator [
    (identifier) (field_identifier) (type_identifier)] @name))
; A parameter that is a function is not one more name of the function around it,
; nor is a parameter that is declared in the old style.
(parameter_declaration declarator: (function_declarator)) @def.variable
(function_definition (declaration) @def.variable)

; Variables and prototypes of a file. Locals are no symbols.
(translation_unit (declaration) @def.variable)
(preproc_ifdef (declaration) @def.variable)
(preproc_if (declaration) @def.variable)
(preproc_elif (declaration) @def.variable)
(preproc_else (declaration) @def.variable)
(declaration_list (declaration) @def.variable)
(linkage_specification body: (declaration) @def.variable)
(declaration type: [
  (primitive_type) (sized_type_specifier) (type_identifier)
  (struct_specifier !body) (union_specifier !body) (enum_specifier !body)] @type)
(declaration declarator: [
  (identifier) @name
  (array_declarator declarator: (identifier) @name)
  (pointer_declarator declarator: [
    (identifier) @name
    (array_declarator declarator: (identifier) @name)
    (pointer_declarator declarator: (identifier) @name)])
  (init_declarator declarator: [
    (identifier) @name
    (array_declarator declarator: [
      (identifier) @name
      (array_declarator declarator: (identifier) @name)])
    (pointer_declarator declarator: [
      (identifier) @name
      (array_declarator declarator: (identifier) @name)
      (pointer_declarator declarator: (identifier) @name)])])])

(struct_specifier name: (type_identifier) @name body: (_) @body) @def.struct
(struct_specifier !name body: (_) @body) @def.struct
(union_specifier name: (type_identifier) @name body: (_) @body) @def.struct
(union_specifier !name body: (_) @body) @def.struct
(enum_specifier name: (type_identifier) @name body: (_) @body) @def.enum
(enum_specifier !name body: (_) @body) @def.enum
(enumerator name: (identifier) @name) @def.enum_member
(field_declaration) @def.field
(field_declaration type: [
  (primitive_type) (sized_type_specifier) (type_identifier)
  (struct_specifier !body) (union_specifier !body) (enum_specifier !body)] @type)
(field_declaration declarator: [
  (field_identifier) @name
  (array_declarator declarator: [
    (field_identifier) @name
    (array_declarator declarator: (field_identifier) @name)])
  (pointer_declarator declarator: [
    (field_identifier) @name
    (array_declarator declarator: (field_identifier) @name)
    (pointer_declarator declarator: (field_identifier) @name)])])
(type_definition) @def.type_alias
(type_definition type: [
  (primitive_type) (sized_type_specifier) (type_identifier)
  (struct_specifier !body) (union_specifier !body) (enum_specifier !body)] @type)
(type_definition declarator: [
  (type_identifier) @name
  (array_declarator declarator: (type_identifier) @name)
  (pointer_declarator declarator: [
    (type_identifier) @name
    (pointer_declarator declarator: (type_identifier) @name)])
  (function_declarator declarator: (type_identifier) @name)])

(preproc_def name: (identifier) @name) @def.macro
(preproc_function_def name: (identifier) @name) @def.macro

(call_expression function: [(identifier) (field_expression)] @call)
(parameter_declaration type: [
  (type_identifier) @uses
  (struct_specifier name: (_) @uses)
  (union_specifier name: (_) @uses)
  (enum_specifier name: (_) @uses)])
(field_declaration type: [
  (type_identifier) @uses
  (struct_specifier name: (_) @uses !body)
  (union_specifier name: (_) @uses !body)
  (enum_specifier name: (_) @uses !body)])
(function_definition type: [
  (type_identifier) @uses
  (struct_specifier name: (_) @uses !body)])
(type_definition type: (struct_specifier name: (_) @uses !body))

(preproc_include) @import
