import Testing
import Voxtile

@Suite("Errors") struct VoxtileErrorTests {
  private struct Beneath: Error, CustomStringConvertible { let description = "disk on fire" }

  @Test("a description is the message, led by the file and followed by the cause")
  func description() {
    let plain = VoxtileError(.invalidGrid, "patch width 96 exceeds image width 64")
    #expect("\(plain)" == "patch width 96 exceeds image width 64")
    #expect("\(plain.inFile("brain.nii"))" == "brain.nii: patch width 96 exceeds image width 64")
    let deep = VoxtileError(.fileAccess, "cannot be read", underlying: Beneath())
    #expect("\(deep)" == "cannot be read (disk on fire)")
    #expect("\(deep.inFile("a.png"))" == "a.png: cannot be read (disk on fire)")
  }

  @Test("control characters of names and headers are escaped, so that a file cannot command a terminal")
  func escaped() {
    let error = VoxtileError(
      .malformedFile, "says \u{1B}[2J\r", underlying: VoxtileError(.fileAccess, "a\u{7}b"))
    #expect("\(error.inFile("a\nError: b.nii"))" == #"a\nError: b.nii: says \x1B[2J\r (a\x07b)"#)
  }

  @Test("the file named first is kept, and nothing else changes")
  func inFile() {
    let error = VoxtileError(
      .malformedFile, "short", context: .init(byteOffset: 348, axis: .y, expected: "352", found: "348"))
    let inner = error.inFile("inner.nii")
    #expect(inner.context.file == "inner.nii")
    #expect(inner.inFile("outer.tar").context.file == "inner.nii")
    #expect(inner.code == .malformedFile && inner.message == "short")
    #expect(inner.context.byteOffset == 348 && inner.context.axis == .y)
    #expect(inner.context.expected == "352" && inner.context.found == "348")
  }

  @Test("a code is its name, and other packages may add theirs")
  func codes() {
    #expect(VoxtileError.Code(rawValue: "invalidGrid") == .invalidGrid)
    #expect(VoxtileError.Code(rawValue: "somethingElse").rawValue == "somethingElse")
    let codes: [VoxtileError.Code] = [
      .invalidGrid, .shapeMismatch, .typeMismatch, .duplicatePatch, .missingPatch, .mergerFinished,
      .invalidOption, .fileAccess, .targetExists, .malformedFile, .unsupportedFormat, .verificationFailed,
    ]
    #expect(Set(codes).count == codes.count)
  }
}
