; JSX elements call their component; those of HTML have lower-case names.
((jsx_opening_element name: [(identifier) (member_expression)] @call)
  (#match? @call "^[A-Z_$]|[.]"))
((jsx_self_closing_element name: [(identifier) (member_expression)] @call)
  (#match? @call "^[A-Z_$]|[.]"))
