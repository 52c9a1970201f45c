"""A made-up county in real places: the named cast, a population of any size, its messy registers.

Nouns: plot (what is decided for a household before its facts are made), truth, cast, stage, register.
Doors: `synth.synth()`, `cast.cast()`, `cast.observations()`, `cast.benefits()`, `registers.write_registers()`.
"""
