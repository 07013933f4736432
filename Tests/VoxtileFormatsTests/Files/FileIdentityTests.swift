import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

@Suite("FileIdentity")
struct FileIdentityTests {
  @Test("a file is found, none is none, and where that cannot be told it is an error")
  func find() throws {
    try withTemporaryFolder { folder in
      try writeFile([1], to: "\(folder)/a")
      #expect(try FileIdentity.find("\(folder)/a") == FileIdentity("\(folder)/a"))
      #expect(try FileIdentity.find("\(folder)/b") == nil)
      #expect(try FileIdentity.find("\(folder)/a/b") == nil)
      // A name that is too long for any file system.
      let name = "\(folder)/" + String(repeating: "a", count: 5000)
      #expect(FileIdentity(name) == nil)
      let error = #expect(throws: VoxtileError.self) { try FileIdentity.find(name) }
      #expect(error?.code == .fileAccess && error?.context.file == name)
    }
  }
}
