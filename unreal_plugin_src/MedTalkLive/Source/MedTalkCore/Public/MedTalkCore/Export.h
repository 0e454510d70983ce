// The export macro. Unreal's build defines it when the core is a library of its own;
// under CMake, where the core is linked statically, it is empty.
#pragma once

#ifndef MEDTALKCORE_API
#define MEDTALKCORE_API
#endif
