/* What parsing and nodes share. Private to the yaml_*.c files. */
#ifndef INJECTOR_YAML_NODE_H
#define INJECTOR_YAML_NODE_H

#include "injector/yaml_tree.h"

/* Makes child the last one. */
void yaml_node_add(struct yaml_node *parent, struct yaml_node *child);

/* A text of the input's, fit for a message: cut, and without control characters. */
void yaml_text_printable(const char *text, char *out, size_t size);

#endif
