// The part of ONNX Runtime's C interface that Voxtile calls.
//
// ONNX Runtime hands out a table of functions that is only ever appended to: a function keeps its position
// for ever, and a library of version 1.N has every function of the interface's versions up to N. So that
// neither its header nor its library is needed to build, the members in use are declared here at their
// positions, and what lies between them is reserved. Version 17 is the oldest that has all of them.
// OnnxTableTests compares the table with the real library.
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

// What the table's functions give and take are pointers to these, whose content only the library knows.
// They are complete types only because Swift then tells pointers to them apart.
typedef struct OrtEnv { char opaque; } OrtEnv;
typedef struct OrtStatus { char opaque; } OrtStatus;
typedef struct OrtMemoryInfo { char opaque; } OrtMemoryInfo;
typedef struct OrtAllocator { char opaque; } OrtAllocator;
typedef struct OrtSessionOptions { char opaque; } OrtSessionOptions;
typedef struct OrtSession { char opaque; } OrtSession;
typedef struct OrtRunOptions { char opaque; } OrtRunOptions;
typedef struct OrtValue { char opaque; } OrtValue;
typedef struct OrtTypeInfo { char opaque; } OrtTypeInfo;
typedef struct OrtTensorInfo { char opaque; } OrtTensorInfo;
typedef struct OrtModelMetadata { char opaque; } OrtModelMetadata;
typedef struct OrtCudaOptions { char opaque; } OrtCudaOptions;
typedef struct OrtTensorRTOptions { char opaque; } OrtTensorRTOptions;

// Values of the enumerations that are passed as int32_t.
enum {
  VOXTILE_ORT_API_VERSION = 17,
  // Severity of a message: 0 verbose, 1 information, 2 warning, 3 error, 4 fatal.
  VOXTILE_ORT_SEVERITY_WARNING = 2,
  // Optimization of the graph: 0 none, 1 basic, 2 extended, 99 all.
  VOXTILE_ORT_OPTIMIZE_ALL = 99,
  // Kind of a value: 0 unknown, 1 tensor, 2 sequence, 3 map, 4 opaque, 5 sparse tensor, 6 optional.
  VOXTILE_ORT_KIND_TENSOR = 1,
  // Allocator: 0 the device's own, 1 an arena. Memory: 0 the default.
  VOXTILE_ORT_DEVICE_ALLOCATOR = 0,
  VOXTILE_ORT_DEFAULT_MEMORY = 0,
};

// Gets a message: its severity, the part of the library, the name of the environment or session, the place
// in the source, and the text. May be called from any thread.
typedef void (*OrtLog)(
    void *_Nullable context, int32_t severity, const char *_Nullable category,
    const char *_Nullable name, const char *_Nullable place, const char *_Nullable message);

// A function that gives a status gives NULL where it succeeded; the caller releases any other. What a function
// creates, by a pointer to a pointer, is the caller's to release, except for allocators and the tensor of a
// type's information. Names come from the allocator that was passed, and go back to it.
typedef struct OrtApi {
  void *_Nullable reserved0[1];
  int32_t (*GetErrorCode)(const OrtStatus *status);
  const char *_Nonnull (*GetErrorMessage)(const OrtStatus *status);
  void *_Nullable reserved3[1];
  OrtStatus *_Nullable (*CreateEnvWithCustomLogger)(
      OrtLog log, void *_Nullable context, int32_t severity, const char *name,
      OrtEnv *_Nullable *_Nonnull env);
  void *_Nullable reserved5[2];
  OrtStatus *_Nullable (*CreateSession)(
      const OrtEnv *env, const char *path, const OrtSessionOptions *options,
      OrtSession *_Nullable *_Nonnull session);
  void *_Nullable reserved8[1];
  OrtStatus *_Nullable (*Run)(
      OrtSession *session, const OrtRunOptions *_Nullable options,
      const char *_Nonnull const *_Nonnull inputNames,
      const OrtValue *_Nonnull const *_Nonnull inputs, size_t inputCount,
      const char *_Nonnull const *_Nonnull outputNames, size_t outputCount,
      OrtValue *_Nullable *_Nonnull outputs);
  OrtStatus *_Nullable (*CreateSessionOptions)(OrtSessionOptions *_Nullable *_Nonnull options);
  void *_Nullable reserved11[6];
  OrtStatus *_Nullable (*DisableMemPattern)(OrtSessionOptions *options);
  void *_Nullable reserved18[4];
  OrtStatus *_Nullable (*SetSessionLogSeverityLevel)(OrtSessionOptions *options, int severity);
  OrtStatus *_Nullable (*SetSessionGraphOptimizationLevel)(OrtSessionOptions *options, int32_t level);
  OrtStatus *_Nullable (*SetIntraOpNumThreads)(OrtSessionOptions *options, int count);
  OrtStatus *_Nullable (*SetInterOpNumThreads)(OrtSessionOptions *options, int count);
  void *_Nullable reserved26[4];
  OrtStatus *_Nullable (*SessionGetInputCount)(const OrtSession *session, size_t *count);
  OrtStatus *_Nullable (*SessionGetOutputCount)(const OrtSession *session, size_t *count);
  void *_Nullable reserved32[1];
  OrtStatus *_Nullable (*SessionGetInputTypeInfo)(
      const OrtSession *session, size_t index, OrtTypeInfo *_Nullable *_Nonnull info);
  OrtStatus *_Nullable (*SessionGetOutputTypeInfo)(
      const OrtSession *session, size_t index, OrtTypeInfo *_Nullable *_Nonnull info);
  void *_Nullable reserved35[1];
  OrtStatus *_Nullable (*SessionGetInputName)(
      const OrtSession *session, size_t index, OrtAllocator *allocator,
      char *_Nullable *_Nonnull name);
  OrtStatus *_Nullable (*SessionGetOutputName)(
      const OrtSession *session, size_t index, OrtAllocator *allocator,
      char *_Nullable *_Nonnull name);
  void *_Nullable reserved38[11];
  OrtStatus *_Nullable (*CreateTensorWithDataAsOrtValue)(
      const OrtMemoryInfo *memory, void *data, size_t byteCount,
      const int64_t *shape, size_t rank, int32_t elementType,
      OrtValue *_Nullable *_Nonnull value);
  OrtStatus *_Nullable (*IsTensor)(const OrtValue *value, int *isTensor);
  OrtStatus *_Nullable (*GetTensorMutableData)(OrtValue *value, void *_Nullable *_Nonnull data);
  void *_Nullable reserved52[3];
  OrtStatus *_Nullable (*CastTypeInfoToTensorInfo)(
      const OrtTypeInfo *info,
      const OrtTensorInfo *_Nullable *_Nonnull tensor);
  OrtStatus *_Nullable (*GetOnnxTypeFromTypeInfo)(const OrtTypeInfo *info, int32_t *kind);
  void *_Nullable reserved57[3];
  OrtStatus *_Nullable (*GetTensorElementType)(const OrtTensorInfo *info, int32_t *elementType);
  OrtStatus *_Nullable (*GetDimensionsCount)(const OrtTensorInfo *info, size_t *rank);
  OrtStatus *_Nullable (*GetDimensions)(const OrtTensorInfo *info, int64_t *dimensions, size_t rank);
  void *_Nullable reserved63[2];
  OrtStatus *_Nullable (*GetTensorTypeAndShape)(
      const OrtValue *value, OrtTensorInfo *_Nullable *_Nonnull info);
  void *_Nullable reserved66[3];
  OrtStatus *_Nullable (*CreateCpuMemoryInfo)(
      int32_t allocatorKind, int32_t memoryKind, OrtMemoryInfo *_Nullable *_Nonnull memory);
  void *_Nullable reserved70[6];
  OrtStatus *_Nullable (*AllocatorFree)(OrtAllocator *allocator, void *memory);
  void *_Nullable reserved77[1];
  OrtStatus *_Nullable (*GetAllocatorWithDefaultOptions)(OrtAllocator *_Nullable *_Nonnull allocator);
  void *_Nullable reserved79[13];
  void (*ReleaseEnv)(OrtEnv *_Nullable env);
  void (*ReleaseStatus)(OrtStatus *_Nullable status);
  void (*ReleaseMemoryInfo)(OrtMemoryInfo *_Nullable memory);
  void (*ReleaseSession)(OrtSession *_Nullable session);
  void (*ReleaseValue)(OrtValue *_Nullable value);
  void *_Nullable reserved97[1];
  void (*ReleaseTypeInfo)(OrtTypeInfo *_Nullable info);
  void (*ReleaseTensorTypeAndShapeInfo)(OrtTensorInfo *_Nullable info);
  void (*ReleaseSessionOptions)(OrtSessionOptions *_Nullable options);
  void *_Nullable reserved101[10];
  OrtStatus *_Nullable (*SessionGetModelMetadata)(
      const OrtSession *session, OrtModelMetadata *_Nullable *_Nonnull metadata);
  void *_Nullable reserved112[4];
  OrtStatus *_Nullable (*ModelMetadataLookupCustomMetadataMap)(
      const OrtModelMetadata *metadata, OrtAllocator *allocator, const char *key,
      char *_Nullable *_Nonnull value);
  void *_Nullable reserved117[1];
  void (*ReleaseModelMetadata)(OrtModelMetadata *_Nullable metadata);
  void *_Nullable reserved119[6];
  OrtStatus *_Nullable (*GetAvailableProviders)(char *_Nonnull *_Nullable *_Nonnull names, int *count);
  OrtStatus *_Nullable (*ReleaseAvailableProviders)(char *_Nonnull *_Nonnull names, int count);
  void *_Nullable reserved127[3];
  OrtStatus *_Nullable (*AddSessionConfigEntry)(
      OrtSessionOptions *options, const char *key, const char *value);
  void *_Nullable reserved131[39];
  OrtStatus *_Nullable (*SessionOptionsAppendExecutionProvider_TensorRT_V2)(
      OrtSessionOptions *options, const OrtTensorRTOptions *provider);
  OrtStatus *_Nullable (*CreateTensorRTProviderOptions)(OrtTensorRTOptions *_Nullable *_Nonnull provider);
  OrtStatus *_Nullable (*UpdateTensorRTProviderOptions)(
      OrtTensorRTOptions *provider, const char *_Nonnull const *_Nullable keys,
      const char *_Nonnull const *_Nullable values, size_t count);
  void *_Nullable reserved173[1];
  void (*ReleaseTensorRTProviderOptions)(OrtTensorRTOptions *_Nullable provider);
  void *_Nullable reserved175[29];
  OrtStatus *_Nullable (*SessionOptionsAppendExecutionProvider_CUDA_V2)(
      OrtSessionOptions *options, const OrtCudaOptions *provider);
  OrtStatus *_Nullable (*CreateCUDAProviderOptions)(OrtCudaOptions *_Nullable *_Nonnull provider);
  OrtStatus *_Nullable (*UpdateCUDAProviderOptions)(
      OrtCudaOptions *provider, const char *_Nonnull const *_Nullable keys,
      const char *_Nonnull const *_Nullable values, size_t count);
  void *_Nullable reserved207[1];
  void (*ReleaseCUDAProviderOptions)(OrtCudaOptions *_Nullable provider);
  void *_Nullable reserved209[7];
  OrtStatus *_Nullable (*SessionOptionsAppendExecutionProvider)(
      OrtSessionOptions *options, const char *name,
      const char *_Nonnull const *_Nullable keys,
      const char *_Nonnull const *_Nullable values, size_t count);
  void *_Nullable reserved217[49];
  OrtStatus *_Nullable (*SetUserLoggingFunction)(
      OrtSessionOptions *options, OrtLog log, void *_Nullable context);
  void *_Nullable reserved267[6];
  OrtStatus *_Nullable (*SetDeterministicCompute)(OrtSessionOptions *options, _Bool isOn);
} OrtApi;

// The whole of the one symbol that the library has to export, `const OrtApiBase *OrtGetApiBase(void)`.
typedef struct OrtApiBase {
  // NULL, and a line on stderr, where the version is not known to the library.
  const OrtApi *_Nullable (*GetApi)(uint32_t version);
  const char *_Nonnull (*GetVersionString)(void);
} OrtApiBase;

typedef const OrtApiBase *_Nullable (*OrtGetApiBaseFunction)(void);

// Older ways to choose an execution provider are exported symbols of the library, which some builds have:
// `OrtSessionOptionsAppendExecutionProvider_Dnnl` and the like; the number is 0 or a device.
typedef OrtStatus *_Nullable (*OrtAppendProviderFunction)(OrtSessionOptions *options, int number);

#pragma clang assume_nonnull end

#define VOXTILE_ORT_POSITION(name, position) \
  _Static_assert(offsetof(OrtApi, name) == (position) * sizeof(void *), #name " is not at " #position)

VOXTILE_ORT_POSITION(GetErrorCode, 1);
VOXTILE_ORT_POSITION(GetErrorMessage, 2);
VOXTILE_ORT_POSITION(CreateEnvWithCustomLogger, 4);
VOXTILE_ORT_POSITION(CreateSession, 7);
VOXTILE_ORT_POSITION(Run, 9);
VOXTILE_ORT_POSITION(CreateSessionOptions, 10);
VOXTILE_ORT_POSITION(DisableMemPattern, 17);
VOXTILE_ORT_POSITION(SetSessionLogSeverityLevel, 22);
VOXTILE_ORT_POSITION(SetSessionGraphOptimizationLevel, 23);
VOXTILE_ORT_POSITION(SetIntraOpNumThreads, 24);
VOXTILE_ORT_POSITION(SetInterOpNumThreads, 25);
VOXTILE_ORT_POSITION(SessionGetInputCount, 30);
VOXTILE_ORT_POSITION(SessionGetOutputCount, 31);
VOXTILE_ORT_POSITION(SessionGetInputTypeInfo, 33);
VOXTILE_ORT_POSITION(SessionGetOutputTypeInfo, 34);
VOXTILE_ORT_POSITION(SessionGetInputName, 36);
VOXTILE_ORT_POSITION(SessionGetOutputName, 37);
VOXTILE_ORT_POSITION(CreateTensorWithDataAsOrtValue, 49);
VOXTILE_ORT_POSITION(IsTensor, 50);
VOXTILE_ORT_POSITION(GetTensorMutableData, 51);
VOXTILE_ORT_POSITION(CastTypeInfoToTensorInfo, 55);
VOXTILE_ORT_POSITION(GetOnnxTypeFromTypeInfo, 56);
VOXTILE_ORT_POSITION(GetTensorElementType, 60);
VOXTILE_ORT_POSITION(GetDimensionsCount, 61);
VOXTILE_ORT_POSITION(GetDimensions, 62);
VOXTILE_ORT_POSITION(GetTensorTypeAndShape, 65);
VOXTILE_ORT_POSITION(CreateCpuMemoryInfo, 69);
VOXTILE_ORT_POSITION(AllocatorFree, 76);
VOXTILE_ORT_POSITION(GetAllocatorWithDefaultOptions, 78);
VOXTILE_ORT_POSITION(ReleaseEnv, 92);
VOXTILE_ORT_POSITION(ReleaseStatus, 93);
VOXTILE_ORT_POSITION(ReleaseMemoryInfo, 94);
VOXTILE_ORT_POSITION(ReleaseSession, 95);
VOXTILE_ORT_POSITION(ReleaseValue, 96);
VOXTILE_ORT_POSITION(ReleaseTypeInfo, 98);
VOXTILE_ORT_POSITION(ReleaseTensorTypeAndShapeInfo, 99);
VOXTILE_ORT_POSITION(ReleaseSessionOptions, 100);
VOXTILE_ORT_POSITION(SessionGetModelMetadata, 111);
VOXTILE_ORT_POSITION(ModelMetadataLookupCustomMetadataMap, 116);
VOXTILE_ORT_POSITION(ReleaseModelMetadata, 118);
VOXTILE_ORT_POSITION(GetAvailableProviders, 125);
VOXTILE_ORT_POSITION(ReleaseAvailableProviders, 126);
VOXTILE_ORT_POSITION(AddSessionConfigEntry, 130);
VOXTILE_ORT_POSITION(SessionOptionsAppendExecutionProvider_TensorRT_V2, 170);
VOXTILE_ORT_POSITION(CreateTensorRTProviderOptions, 171);
VOXTILE_ORT_POSITION(UpdateTensorRTProviderOptions, 172);
VOXTILE_ORT_POSITION(ReleaseTensorRTProviderOptions, 174);
VOXTILE_ORT_POSITION(SessionOptionsAppendExecutionProvider_CUDA_V2, 204);
VOXTILE_ORT_POSITION(CreateCUDAProviderOptions, 205);
VOXTILE_ORT_POSITION(UpdateCUDAProviderOptions, 206);
VOXTILE_ORT_POSITION(ReleaseCUDAProviderOptions, 208);
VOXTILE_ORT_POSITION(SessionOptionsAppendExecutionProvider, 216);
VOXTILE_ORT_POSITION(SetUserLoggingFunction, 266);
VOXTILE_ORT_POSITION(SetDeterministicCompute, 273);

#undef VOXTILE_ORT_POSITION
