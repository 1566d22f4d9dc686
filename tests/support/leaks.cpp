// What other libraries keep on purpose until the process ends is no leak of ours: fontconfig its
// patterns, which pango holds.
extern "C" const char* __lsan_default_suppressions();  // NOLINT: the sanitizer's own name
extern "C" const char* __lsan_default_suppressions() { return "leak:libfontconfig\n"; }
