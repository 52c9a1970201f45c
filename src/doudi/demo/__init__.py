"""A made-up county in real places: the named cast, a population of any size, its messy registers.

Doors: `synth()`, `cast()`.
"""
