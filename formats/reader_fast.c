#include "formats/reader_fast.h"

const char fast_odd[FAST_TEXT_MAX];
