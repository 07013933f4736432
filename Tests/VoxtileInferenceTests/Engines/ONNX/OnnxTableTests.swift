import CONNXRuntime
import Testing
import Voxtile

@testable import VoxtileInference

/// The table declared in `CONNXRuntime` against a real library; the functions that these do not call are called by
/// the tests of `OnnxModel`.
@Suite("OnnxTable", .enabled(if: OnnxTestModels.canRun, needsOnnxRuntime))
struct OnnxTableTests {
  private func table() throws -> OnnxTable { try OnnxRuntime.open().table }

  @Test("the version is three numbers, and the library has what is declared")
  func version() throws {
    let runtime = try OnnxRuntime.open()
    let numbers = runtime.version.split(separator: ".").map { Int($0) }
    #expect(numbers.count == 3 && numbers.first == 1)
    #expect(try #require(numbers[1]) >= 17)
    #expect(runtime.availableProviders.contains("CPUExecutionProvider"))
  }

  @Test("options take what they know, and refuse what they do not with a reason")
  func sessionOptions() throws {
    let table = try table()
    let functions = table.functions
    let options: UnsafeMutablePointer<OrtSessionOptions> = try table.create {
      functions.pointee.CreateSessionOptions($0)
    }
    defer { functions.pointee.ReleaseSessionOptions(options) }
    try table.check(functions.pointee.SetIntraOpNumThreads(options, 2))
    try table.check(functions.pointee.SetInterOpNumThreads(options, 1))
    try table.check(functions.pointee.SetSessionGraphOptimizationLevel(options, 99))
    try table.check(functions.pointee.SetSessionLogSeverityLevel(options, 2))
    try table.check(functions.pointee.SetDeterministicCompute(options, true))
    try table.check(functions.pointee.DisableMemPattern(options))
    let failure = #expect(throws: OnnxFailure.self) {
      try table.check(functions.pointee.SetSessionGraphOptimizationLevel(options, 77))
    }
    #expect(failure?.code == 2)
    #expect(failure?.description.isEmpty == false)
    let empty = #expect(throws: OnnxFailure.self) {
      try table.check(functions.pointee.AddSessionConfigEntry(options, "", "0"))
    }
    #expect(empty?.description.contains("key") == true)
  }

  @Test("a tensor over memory of ours has its shape, type and memory")
  func tensors() throws {
    let table = try table()
    let functions = table.functions
    let memory: UnsafeMutablePointer<OrtMemoryInfo> = try table.create {
      functions.pointee.CreateCpuMemoryInfo(0, 0, $0)
    }
    defer { functions.pointee.ReleaseMemoryInfo(memory) }
    var values: [Float] = [1, 2, 3, 4, 5, 6]
    try values.withUnsafeMutableBytes { bytes in
      let base = try #require(bytes.baseAddress)
      let value: UnsafeMutablePointer<OrtValue> = try table.create {
        functions.pointee.CreateTensorWithDataAsOrtValue(memory, base, bytes.count, [2, 3], 2, 1, $0)
      }
      defer { functions.pointee.ReleaseValue(value) }
      #expect(try table.get { functions.pointee.IsTensor(value, $0) } == Int32(1))
      let info: UnsafeMutablePointer<OrtTensorInfo> = try table.create {
        functions.pointee.GetTensorTypeAndShape(value, $0)
      }
      defer { functions.pointee.ReleaseTensorTypeAndShapeInfo(info) }
      #expect(try table.dimensions(of: info) == [2, 3])
      #expect(try table.get { functions.pointee.GetTensorElementType(info, $0) } == Int32(1))
      var data: UnsafeMutableRawPointer?
      try table.check(functions.pointee.GetTensorMutableData(value, &data))
      #expect(data == base)
      let short = #expect(throws: OnnxFailure.self) {
        let _: UnsafeMutablePointer<OrtValue> = try table.create {
          functions.pointee.CreateTensorWithDataAsOrtValue(memory, base, 20, [2, 3], 2, 1, $0)
        }
      }
      #expect(short?.description.isEmpty == false)
    }
  }

  @Test("options of CUDA and TensorRT can be made, or say that the library has none")
  func graphicsCards() throws {
    let table = try table()
    let functions = table.functions
    let has = try OnnxRuntime.open().availableProviders
    do throws(OnnxFailure) {
      let cuda: UnsafeMutablePointer<OrtCudaOptions> = try table.create {
        functions.pointee.CreateCUDAProviderOptions($0)
      }
      functions.pointee.ReleaseCUDAProviderOptions(cuda)
    } catch {
      #expect(!has.contains("CUDAExecutionProvider") && error.description.contains("CUDA"))
    }
    do throws(OnnxFailure) {
      let tensorRT: UnsafeMutablePointer<OrtTensorRTOptions> = try table.create {
        functions.pointee.CreateTensorRTProviderOptions($0)
      }
      functions.pointee.ReleaseTensorRTProviderOptions(tensorRT)
    } catch {
      #expect(!has.contains("TensorrtExecutionProvider") && error.description.contains("TensorRT"))
    }
  }

  @Test("C strings arrive in order, also none")
  func strings() {
    let texts = ["one", "", "größer"]
    let back = withCStrings(texts) { pointers in (0..<3).map { String(cString: pointers[$0]) } }
    #expect(back == texts)
    #expect(withCStrings([]) { _ in 7 } == 7)
  }
}
