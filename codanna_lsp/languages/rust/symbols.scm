; What a Rust file declares, calls, mentions and imports. Capture names: see
; extraction/captures.py.

(mod_item name: (identifier) @name body: (declaration_list)? @body) @def.module
; What stands in parentheses belongs to the head: `struct Pair(pub u32, String)`.
(struct_item name: (type_identifier) @name
  body: (field_declaration_list)? @body) @def.struct
(union_item name: (type_identifier) @name body: (_) @body) @def.struct
(enum_item name: (type_identifier) @name body: (_) @body) @def.enum
(enum_variant name: (identifier) @name
  body: (field_declaration_list)? @body) @def.enum_member
(field_declaration name: (field_identifier) @name type: (_) @type) @def.field
(trait_item name: (type_identifier) @name body: (_) @body) @def.trait

; An impl is no symbol: what it holds belongs to its type by scope.
(impl_item !trait
  type: [
    (type_identifier) @scope
    (scoped_type_identifier) @scope
    (generic_type type: (_) @scope)
    (reference_type type: (_) @scope)]
  body: (declaration_list) @body) @def.struct
(impl_item trait: (_)
  type: [
    (type_identifier) @scope
    (primitive_type) @scope
    (scoped_type_identifier) @scope
    (generic_type type: (_) @scope)
    (reference_type type: (_) @scope)]
  body: (declaration_list) @body) @def.trait

(function_item name: (identifier) @name body: (block) @body) @def.function
(function_item return_type: (_) @type)
(function_signature_item name: (identifier) @name) @def.function
(function_signature_item return_type: (_) @type)
(const_item name: (identifier) @name type: (_) @type) @def.constant
(static_item name: (identifier) @name type: (_) @type) @def.variable
(associated_type name: (type_identifier) @name) @def.type_alias
(type_item name: (type_identifier) @name type: (_) @type) @def.type_alias
(macro_definition name: (identifier) @name) @def.macro

(call_expression function: [
  (identifier) @call
  (field_expression) @call
  (scoped_identifier) @call
  (generic_function function: (_) @call)])
(macro_invocation macro: [(identifier) (scoped_identifier)] @call)

(trait_item bounds: (trait_bounds [
  (type_identifier) @extends
  (scoped_type_identifier) @extends
  (generic_type type: (_) @extends)]))
(impl_item trait: [
  (type_identifier) @implements
  (scoped_type_identifier) @implements
  (generic_type type: (_) @implements)])
; Of an impl whose type another file declares, this alone tells the type.
(impl_item trait: (_) type: (_) @uses)
(parameter type: (_) @uses)
(function_item return_type: (_) @uses)
(function_signature_item return_type: (_) @uses)
(field_declaration type: (_) @uses)
(ordered_field_declaration_list type: (_) @uses)
(struct_expression name: (_) @uses)
(let_declaration type: (_) @uses)
(const_item type: (_) @uses)
(static_item type: (_) @uses)
(type_item type: (_) @uses)

(use_declaration) @import
(extern_crate_declaration) @import
(mod_item !body) @import
