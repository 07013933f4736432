import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

@Suite("Zlib streams")
struct ZlibTests {
  private static let before: [UInt8] = Array("a header\n".utf8)

  private func write(_ bytes: [UInt8], to path: String, jobs: Int = 1, tail: [UInt8] = []) throws {
    let file = try AtomicFile(path, replacing: true)
    try file.write(Self.before, at: 0)
    let writer = try GzipWriter(file, at: Self.before.count, .zlib, options: WriteOptions(jobs: jobs))
    try bytes.withUnsafeBytes { try writer.write($0) }
    try writer.finish()
    try file.write(tail, at: Self.before.count + writer.byteCount)
    try file.commit()
  }

  private func read(_ path: String, count: Int) throws -> [UInt8] {
    let reader = try GzipReader(InputFile(path), at: Self.before.count, .zlib)
    var bytes = [UInt8](repeating: 0, count: count)
    try bytes.withUnsafeMutableBytes { buffer in
      try reader.withInflater { (inflater) throws(VoxtileError) in
        try inflater.readExactly(at: 0, into: buffer)
        try inflater.verifyEnd(limit: 1 << 20)
      }
    }
    return bytes
  }

  @Test("a stream after a header comes back, from any number of jobs", arguments: [0, 1, 1 << 20, 3_500_000])
  func roundTrip(count: Int) throws {
    try withTemporaryFolder { folder in
      let bytes = gzipSample(count)
      for jobs in [1, 3] {
        for tail in [[], [0x78, 0x9C, 1], [0x1F, 0x8B, 8, 0]] as [[UInt8]] {
          try write(bytes, to: "\(folder)/a", jobs: jobs, tail: tail)
          #expect(try read("\(folder)/a", count: count) == bytes, "\(jobs) jobs")
        }
      }
    }
  }

  @Test("each truncation, and each change of the checksum, is an error")
  func damage() throws {
    try withTemporaryFolder { folder in
      let bytes = gzipSample(500)
      try write(bytes, to: "\(folder)/a")
      let file = try fileBytes("\(folder)/a")
      for count in Self.before.count..<file.count {
        try writeNewFile(Array(file[..<count]), to: "\(folder)/b")
        let error = #expect(throws: VoxtileError.self, "\(count) bytes") {
          try read("\(folder)/b", count: bytes.count)
        }
        #expect(error?.message.contains("within its zlib data") == true && error?.context.byteOffset == count)
      }
      for index in file.count - 4..<file.count {
        var damaged = file
        damaged[index] ^= 1
        try writeNewFile(damaged, to: "\(folder)/b")
        let error = #expect(throws: VoxtileError.self) { try read("\(folder)/b", count: bytes.count) }
        #expect(error?.message.contains("checksum") == true)
      }
    }
  }

  @Test("a preset dictionary is refused")
  func dictionary() throws {
    try withTemporaryFolder { folder in
      try write(gzipSample(500), to: "\(folder)/a")
      var file = try fileBytes("\(folder)/a")
      let start = Self.before.count
      // The flag of a dictionary, with a checksum that makes the header valid, and its identifier.
      file.replaceSubrange(start..<start + 2, with: [0x78, 0x20, 1, 2, 3, 4])
      try writeNewFile(file, to: "\(folder)/a")
      let error = #expect(throws: VoxtileError.self) { try read("\(folder)/a", count: 500) }
      #expect(error?.message.contains("needs a dictionary") == true, "\(String(describing: error))")
    }
  }

  @Test("the check value of Adler-32")
  func adler() {
    var sum = Adler32()
    Array("Wikipedia".utf8).withUnsafeBytes { sum.update($0) }
    #expect(sum.bytes == [0x11, 0xE6, 0x03, 0x98])
  }
}
