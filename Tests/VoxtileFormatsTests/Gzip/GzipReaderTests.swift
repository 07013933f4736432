import Testing
import Voxtile

@testable import VoxtileFormats

@Suite("GzipReader")
struct GzipReaderTests {
  @Test("members follow each other, and what is behind the last is ignored")
  func members() throws {
    try NiftiTestFiles.withFolder { folder in
      let parts = [
        gzipSample(10), gzipSample(0), gzipSample(1_200_000, seed: 2), gzipSample(1), gzipSample(3),
      ]
      var file: [UInt8] = []
      for part in parts {
        try gzip(part, to: folder + "part.gz")
        file += try NiftiTestFiles.bytes(folder + "part.gz")
      }
      let expected = parts.flatMap(\.self)
      for tail in [[], [0], [UInt8](repeating: 0, count: 512), Array("garbage".utf8), [0x1F], [0x1F, 0x8C]] {
        try NiftiTestFiles.write(file + tail, to: folder + "all.gz")
        #expect(try gunzip(folder + "all.gz") == expected, "tail \(tail.prefix(8))")
      }
    }
  }

  @Test("every truncation is an error with its offset")
  func truncation() throws {
    try NiftiTestFiles.withFolder { folder in
      try gzip(gzipSample(500), to: folder + "a.gz")
      let file = try NiftiTestFiles.bytes(folder + "a.gz")
      for count in 1..<file.count {
        try NiftiTestFiles.write(Array(file[..<count]), to: folder + "b.gz")
        let error = #expect(throws: VoxtileError.self, "\(count) bytes") { try gunzip(folder + "b.gz") }
        #expect(error?.code == .malformedFile)
        #expect(error?.context.byteOffset == count, "\(count) bytes: \(String(describing: error))")
      }
    }
  }

  @Test("a wrong checksum or length is an error")
  func trailer() throws {
    try NiftiTestFiles.withFolder { folder in
      try gzip(gzipSample(500), to: folder + "a.gz")
      let file = try NiftiTestFiles.bytes(folder + "a.gz")
      for index in file.count - 8..<file.count {
        var damaged = file
        damaged[index] ^= 0x10
        try NiftiTestFiles.write(damaged, to: folder + "b.gz")
        let error = #expect(throws: VoxtileError.self, "byte \(index)") { try gunzip(folder + "b.gz") }
        #expect(error?.message.contains("checksum or length") == true)
      }
    }
  }

  @Test("reads forwards, with gaps and back give the same bytes")
  func seeking() throws {
    try NiftiTestFiles.withFolder { folder in
      let bytes = gzipSample(900_000)
      try gzip(bytes, to: folder + "a.gz")
      let reader = try GzipReader(InputFile(folder + "a.gz"))
      for (offset, count) in [(0, 10), (10, 70_000), (400_000, 5), (899_990, 10), (5, 300_000), (300_005, 1)]
      {
        var found = [UInt8](repeating: 0, count: count)
        try found.withUnsafeMutableBytes { buffer in
          try reader.withInflater { (inflater) throws(VoxtileError) in
            try inflater.readExactly(at: offset, into: buffer)
          }
        }
        #expect(found == Array(bytes[offset..<offset + count]), "\(count) at \(offset)")
      }
    }
  }

  @Test("a header is read from the beginning of a file alone")
  func headerOnly() throws {
    try NiftiTestFiles.withFolder { folder in
      let variant = NiftiVariant(version: .one, byteOrder: .little, datatype: .uint8, ending: "nii.gz")
      let extent = Extent(width: 128, height: 128, depth: 64)
      _ = try variant.write(extent, to: folder + "a.nii.gz")
      var bytes = try NiftiTestFiles.bytes(folder + "a.nii.gz")
      for index in bytes.count / 2..<bytes.count { bytes[index] = 0xFF }
      try NiftiTestFiles.write(bytes, to: folder + "a.nii.gz")
      let reader = try ImageFormats.open(folder + "a.nii.gz")
      #expect(reader.info.extent == extent)
      #expect(throws: VoxtileError.self) { _ = try reader.bytes() }
    }
  }
}
