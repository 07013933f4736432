import Testing
import Voxtile

@testable import VoxtileFormats

@Suite("Shared libraries")
struct SharedLibraryTests {
  static func library(_ files: [String]) throws(VoxtileError) -> SharedLibrary {
    try SharedLibrary(
      .init(
        name: "libm", purpose: "square roots", files: files, debianPackage: "libc6",
        homebrewPackage: "libc"))
  }

  static let mathFiles = ["libm.so.6", "libm.dylib", "libm.so"]

  @Test("the first file that is there is opened, and its functions can be called")
  func call() throws {
    let root = try Self.library(["libnothing.so.1"] + Self.mathFiles)
      .function("sqrt", as: (@convention(c) (Double) -> Double).self)
    #expect(root(9) == 3)
  }

  @Test("a missing library names what it is for and the packages that have it")
  func missing() throws {
    let error = #expect(throws: VoxtileError.self) { try Self.library(["libnothing.so.1"]) }
    #expect(error?.code == .runtimeNotFound)
    #expect(
      error?.message.hasPrefix(
        "libm is needed for square roots and is not found; install it with apt install libc6 or brew install libc ("
      )
        == true)
  }

  @Test("a function that is not there is an error")
  func noFunction() throws {
    let error = #expect(throws: VoxtileError.self) {
      try Self.library(Self.mathFiles).function("voxtile_nothing", as: (@convention(c) () -> Void).self)
    }
    #expect(error?.message.contains("libm has no function voxtile_nothing") == true)
  }
}
