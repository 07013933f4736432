import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

@Suite("Files that appear whole")
struct AtomicFileTests {
  private func write(_ text: String, to path: String, replacing: Bool = true) throws {
    try AtomicFile.write(Array(text.utf8), to: path, replacing: replacing)
  }

  private func text(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }

  @Test("a symbolic link stays, and the file that it leads to is written, whether it exists or not")
  func symbolicLink() throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(atPath: "\(folder)/disk", withIntermediateDirectories: false)
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/a", withDestinationPath: "disk/real")
      try FileManager.default.createSymbolicLink(atPath: "\(folder)/b", withDestinationPath: "a")
      try write("one", to: "\(folder)/b")
      #expect(try text("\(folder)/disk/real") == "one")
      try write("two", to: "\(folder)/a")
      #expect(try text("\(folder)/disk/real") == "two")
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/a") == "disk/real")
      #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder)/disk") == ["real"])
    }
  }

  @Test("the mode of a file that is replaced is kept")
  func mode() throws {
    try withTemporaryFolder { folder in
      try write("one", to: "\(folder)/a")
      try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: "\(folder)/a")
      try write("two", to: "\(folder)/a")
      let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/a")
      #expect(attributes[.posixPermissions] as? Int == 0o640)
      #expect(try text("\(folder)/a") == "two")
    }
  }

  @Test(
    "what a killed run left is removed by the next one to the same target, and what a running one has is not")
  func abandoned() throws {
    try withTemporaryFolder { folder in
      let left = "\(folder)/\(TemporaryName.new(for: "a"))"
      let other = "\(folder)/\(TemporaryName.new(for: "ab"))"
      for path in [left, other] { try Data("half".utf8).write(to: URL(filePath: path)) }
      let running = try AtomicFile("\(folder)/a", replacing: true)
      #expect(!FileManager.default.fileExists(atPath: left))
      #expect(FileManager.default.fileExists(atPath: other))
      try write("whole", to: "\(folder)/a")
      try running.commit()
      #expect(try text("\(folder)/a").isEmpty)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == [
          String(other.split(separator: "/").last ?? ""), "a",
        ])
    }
  }

  @Test("a file that another program makes meanwhile is kept, and nothing else is left")
  func takenMeanwhile() throws {
    try withTemporaryFolder { folder in
      let file = try AtomicFile("\(folder)/a")
      try Data("other".utf8).write(to: URL(filePath: "\(folder)/a"))
      let error = #expect(throws: VoxtileError.self) { try file.commit() }
      #expect(error?.code == .targetExists)
      #expect(try text("\(folder)/a") == "other")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a"])
    }
  }

  @Test(
    "in a folder without a name of its own a file has its name at once, and goes away unless it is finished")
  func inPlace() throws {
    try withTemporaryFolder { folder in
      do {
        let file = try AtomicFile("\(folder)/a", durable: false)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a"])
        _ = file
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
      let file = try AtomicFile("\(folder)/a", durable: false)
      try [UInt8]("whole".utf8).withUnsafeBytes { try file.write($0, at: 0) }
      try file.commit()
      #expect(try text("\(folder)/a") == "whole")
    }
  }

  @Test("a name that is free is given in one step, and one that is not is kept")
  func freeName() throws {
    try withTemporaryFolder { folder in
      for name in ["a", "b"] { try write(name, to: "\(folder)/\(name)") }
      #expect(Durable.move("\(folder)/a", toFree: "\(folder)/b") == .failed(EEXIST))
      #expect(Durable.move("\(folder)/a", toFree: "\(folder)/c") == .done)
      #expect(try text("\(folder)/b") == "b" && text("\(folder)/c") == "a")
    }
  }

  @Test("two names change places in one step")
  func exchange() throws {
    try withTemporaryFolder { folder in
      for name in ["a", "b"] { try write(name, to: "\(folder)/\(name)") }
      #expect(try Durable.exchange("\(folder)/a", "\(folder)/b"))
      #expect(try text("\(folder)/a") == "b" && text("\(folder)/b") == "a")
      #expect(throws: VoxtileError.self) { try Durable.exchange("\(folder)/a", "\(folder)/none") }
    }
  }

  @Test(
    "a pair is not written through a link, nor over a folder, and nothing of it is replaced",
    arguments: ["hdr", "mhd", "nhdr"])
  func pairs(ending: String) throws {
    try withTemporaryFolder { folder in
      let volume = try Volume<UInt8>(extent: Extent(2), voxels: [UInt8](1...8))
      try FileManager.default.createDirectory(atPath: "\(folder)/far", withIntermediateDirectories: false)
      try volume.write(to: "\(folder)/far/x.\(ending)")
      let names = try fileNames(in: "\(folder)/far")
      let before = try names.map { try fileBytes("\(folder)/far/\($0)") }
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/l.\(ending)", withDestinationPath: "far/x.\(ending)")
      try FileManager.default.createDirectory(
        atPath: "\(folder)/d.\(ending)", withIntermediateDirectories: false)
      let info = VolumeInfo(extent: Extent(2), scalarType: .uint8)
      for name in ["l", "d"] {
        let error = #expect(throws: VoxtileError.self) {
          _ = try ImageFormats.create(
            "\(folder)/\(name).\(ending)", info: info, options: WriteOptions(isReplacing: true))
        }
        #expect(error?.code == .targetExists, "\(name): \(String(describing: error))")
      }
      #expect(try names.map { try fileBytes("\(folder)/far/\($0)") } == before)
      #expect(try fileNames(in: folder) == ["d.\(ending)", "far", "l.\(ending)"])
    }
  }
}
