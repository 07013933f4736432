import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

@Suite("A file that only grows")
struct AppendedFileTests {
  @Test("bytes are added at the end, also of an older file, and cut off from a place on")
  func growing() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/a"
      do {
        let file = try AppendedFile(path)
        try file.append([1, 2])
        try file.append([])
        try file.append([3])
      }
      #expect(try fileBytes(path) == [1, 2, 3])
      let file = try AppendedFile(path)
      try file.cut(to: 1)
      try file.append([4])
      #expect(try fileBytes(path) == [1, 4])
      try file.cut(to: 0)
      #expect(try fileBytes(path).isEmpty)
    }
  }

  @Test("one at a time has it; the next one when that has ended")
  func lock() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/a"
      do {
        let first = try AppendedFile(path)
        let error = #expect(throws: VoxtileError.self) { _ = try AppendedFile(path) }
        #expect(error?.code == .targetExists && error?.context.file == path)
        try first.append([1])
      }
      try AppendedFile(path).append([2])
      #expect(try fileBytes(path) == [1, 2])
    }
  }

  @Test("a folder that is not there, and a full disk, are errors")
  func faults() throws {
    let missing = #expect(throws: VoxtileError.self) { _ = try AppendedFile("/none/here/a") }
    #expect(missing?.code == .fileAccess)
    #if os(Linux)
      let full = #expect(throws: VoxtileError.self) { try AppendedFile("/dev/full").append([1]) }
      #expect(full?.code == .fileAccess && full?.context.file == "/dev/full")
    #endif
  }
}
