"""How a file becomes observations: sheets → lines → records → people → rows of the registry.

`sheets` reads any office file as lines of text; `registers` says which column means what (data of the pack);
`records` types each cell; `matching` finds the person; `store` writes one chunk in one short transaction.
"""
