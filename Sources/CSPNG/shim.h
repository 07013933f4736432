// libspng: PNG decoding and encoding without longjmp.
#include <spng.h>
