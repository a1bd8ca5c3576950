# comment
PLAIN=plain
QUOTED="double $PLAIN quoted"
SINGLE='single $PLAIN quoted'
export EXPORTED=yes
EMPTY=
SPACES = around
INLINE=value # comment
HASH=value#nocomment
YAML: style
MULTI="line one
line two"
ESCAPED="tab\there\nnewline \$notavar \"quoted\""
DEFAULTED=${NOPE:-fallback}
OVERRIDDEN=from file
BARE
UNICODE=ünïcödé
