/* The script of the pages: what is in report/assets, put into the program by embed_script.cmake.
 * Private to report/. */
#ifndef REPORT_TIMELINE_ASSET_H
#define REPORT_TIMELINE_ASSET_H

extern const char timeline_script[];

/* Its SHA-256 in base64: what a page's security policy lets run, and nothing else. */
extern const char timeline_script_hash[];

#endif
