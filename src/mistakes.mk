# Mistakes that gcc and clang only warn about and that crash at run time: a call without a declaration, a pointer to
# another type, a number in place of a pointer. They end every build.
MISTAKES = -Werror=implicit-function-declaration -Werror=incompatible-pointer-types -Werror=int-conversion
