import Foundation
import Testing
import Voxtile
import VoxtileInference
import VoxtileTestSupport

/// Whether the system calls of a program can be listed here.
private let canTrace: Bool = {
  let process = Process()
  process.executableURL = URL(filePath: "/usr/bin/env")
  process.arguments = ["strace", "-f", "-o", "/dev/null", "true"]
  process.standardError = FileHandle.nullDevice
  guard (try? process.run()) != nil else { return false }
  process.waitUntilExit()
  return process.terminationStatus == 0
}()

/// A scan stays on the machine, and nobody is told that it was predicted.
@Suite("Privacy", .enabled(if: canTrace, "needs strace, which script/bootstrap installs"))
struct PrivacyTests {
  private static let model = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "VoxtileInferenceTests/Fixtures/models/scale_shift.onnx")
    .path

  @Test(
    "a prediction opens no socket, and leaves nothing in the folders of the user, the cache and temporary files",
    .enabled(if: (try? OnnxRuntime.open()) != nil, "needs ONNX Runtime, which script/bootstrap installs"),
    arguments: ["cpu", "auto"])
  func prediction(provider: String) throws {
    try withProgram { program in
      try program.makeImage("a.nii.gz", Extent(width: 20, height: 18, depth: 16))
      let folders = ["home", "temporary", "cache"]
      for name in folders {
        try FileManager.default.createDirectory(
          atPath: program.path(name), withIntermediateDirectories: false)
      }
      let runtime = try OnnxRuntime.open().path
      let run = try program.shell(
        """
        unset ORT_DISABLE_TELEMETRY  # the tests have opened ONNX Runtime themselves
        HOME="$PWD/home" TMPDIR="$PWD/temporary" XDG_CACHE_HOME="$PWD/cache" VOXTILE_ONNXRUNTIME='\(runtime)' \
        exec strace -f -qq -e trace=network -o trace.txt "$0" "$@"
        """,
        [
          "infer", "a.nii.gz", "--model", Self.model, "--patch", "8", "-o", "b.nii.gz", "--provider",
          provider,
        ]
      ).wait()
      #expect(run.status == 0, "\(run.messages)")
      let trace = String(decoding: try fileBytes(program.path("trace.txt")), as: UTF8.self)
      let calls = trace.split(separator: "\n").filter { $0.contains("(") }
      #expect(calls.isEmpty, "\(calls.prefix(5))")
      for name in folders { #expect(try fileNames(in: program.path(name)).isEmpty, "\(name)") }
    }
  }
}
