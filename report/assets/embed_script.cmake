# cmake -DFOLDER=report/assets -DOUTPUT=timeline_asset.c -P embed_script.cmake
# Writes a C file with the script and its hash (report/timeline_asset.h). What is around the script
# makes the page well-formed XML too.
file(READ ${FOLDER}/timeline_model.js model)
file(READ ${FOLDER}/timeline.js page)
file(WRITE ${OUTPUT}.js "//<![CDATA[\n${model}${page}//]]>\n")
file(READ ${OUTPUT}.js bytes HEX)
string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
string(REGEX REPLACE "(................................................................................)"
    "\\1\n    " bytes "${bytes}")

# From 64 hexadecimal digits to base64: three digits are two of the others, and one is left.
set(digits ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/)
file(SHA256 ${OUTPUT}.js hash)
set(base64 "")
foreach(i RANGE 0 60 3)
  string(SUBSTRING ${hash} ${i} 3 three)
  math(EXPR high "0x${three} >> 6")
  math(EXPR low "0x${three} & 63")
  string(SUBSTRING ${digits} ${high} 1 high)
  string(SUBSTRING ${digits} ${low} 1 low)
  string(APPEND base64 ${high}${low})
endforeach()
string(SUBSTRING ${hash} 63 1 one)
math(EXPR last "0x${one} << 2")
string(SUBSTRING ${digits} ${last} 1 last)

file(WRITE ${OUTPUT} "#include \"report/timeline_asset.h\"

const char timeline_script[] = {
    ${bytes}0};
const char timeline_script_hash[] = \"${base64}${last}=\";
")
