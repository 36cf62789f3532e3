/* How many histories a property test looks at: a tenth where every access is checked. */
#ifndef TESTS_SCALE_H
#define TESTS_SCALE_H

#if defined(__SANITIZE_ADDRESS__)
#define PROPERTY_SCALE(count) ((count) / 10)
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PROPERTY_SCALE(count) ((count) / 10)
#endif
#endif
#ifndef PROPERTY_SCALE
#define PROPERTY_SCALE(count) (count)
#endif

#endif
