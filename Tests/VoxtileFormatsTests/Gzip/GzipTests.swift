import Testing
import Voxtile

@testable import VoxtileFormats

/// Bytes that compress a little, over several blocks.
private func sample(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
  var random = TestRandom(seed: seed)
  return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next() & random.next() & 0x3F) }
}

private func gzip(
  _ bytes: [UInt8], to path: String, _ options: WriteOptions = WriteOptions(), piece: Int? = nil
) throws {
  let file = try AtomicFile(path, replacing: true)
  let writer = try GzipWriter(file, options: options)
  try bytes.withUnsafeBytes { bytes in
    for start in stride(from: 0, to: bytes.count, by: piece ?? max(bytes.count, 1)) {
      let end = min(start + (piece ?? bytes.count), bytes.count)
      try writer.write(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
    }
  }
  try writer.finish()
  try file.commit()
}

private func gunzip(_ path: String) throws -> [UInt8] {
  try GzipReader(InputFile(path)).prefix(1 << 26)
}

@Suite("CRC32")
struct CRC32Tests {
  @Test("the check value of the standard")
  func checkValue() {
    let sum = Array("123456789".utf8).withUnsafeBytes { CRC32($0) }
    #expect(sum.value == 0xCBF4_3926)
  }

  @Test("sums of parts join to the sum of the whole")
  func append() {
    let bytes = sample(3000)
    let whole = bytes.withUnsafeBytes { CRC32($0) }
    for cut in [0, 1, 7, 1024, 2999, 3000] {
      var sum = bytes[..<cut].withUnsafeBytes { CRC32($0) }
      sum.append(bytes[cut...].withUnsafeBytes { CRC32($0) })
      #expect(sum == whole, "cut at \(cut)")
    }
  }
}

@Suite("GzipWriter")
struct GzipWriterTests {
  private static let counts = [0, 1, 1 << 20, (1 << 20) + 1, 3_500_000]

  @Test("the file is the same for any number of jobs and any pieces", arguments: counts)
  func sameBytes(count: Int) throws {
    try NiftiTestFiles.withFolder { folder in
      let bytes = sample(count)
      for level in WriteOptions.CompressionLevel.allCases {
        try gzip(bytes, to: folder + "one.gz", WriteOptions(compression: level))
        let expected = try NiftiTestFiles.bytes(folder + "one.gz")
        for jobs in [2, 3, 8] {
          try gzip(bytes, to: folder + "more.gz", WriteOptions(compression: level, jobs: jobs), piece: 77_777)
          #expect(try NiftiTestFiles.bytes(folder + "more.gz") == expected, "\(level), \(jobs) jobs")
        }
        #expect(try gunzip(folder + "one.gz") == bytes, "\(level)")
      }
    }
  }

  @Test("bytes that do not compress grow by less than a thousandth")
  func incompressible() throws {
    try NiftiTestFiles.withFolder { folder in
      var random = TestRandom(seed: 3)
      let bytes = random.bytes(2_500_000)
      for level in WriteOptions.CompressionLevel.allCases {
        try gzip(bytes, to: folder + "a.gz", WriteOptions(compression: level, jobs: 2))
        let size = try InputFile(folder + "a.gz").byteCount
        #expect(size < bytes.count + bytes.count / 1000, "\(level): \(size)")
        #expect(try gunzip(folder + "a.gz") == bytes, "\(level)")
      }
    }
  }

  @Test("small is never larger than standard")
  func small() throws {
    try NiftiTestFiles.withFolder { folder in
      let bytes = sample(1_500_000)
      func size(_ level: WriteOptions.CompressionLevel) throws -> Int {
        try gzip(bytes, to: folder + "a.gz", WriteOptions(compression: level))
        return try InputFile(folder + "a.gz").byteCount
      }
      let sizes = try WriteOptions.CompressionLevel.allCases.map { level in try size(level) }
      #expect(sizes == sizes.sorted(by: >), "fast, standard, small: \(sizes)")
    }
  }

  @Test("gzip accepts the files", .enabled(if: NiftiTestFiles.has("gzip")))
  func gzipProgram() throws {
    try NiftiTestFiles.withFolder { folder in
      for count in Self.counts {
        try gzip(sample(count), to: folder + "\(count).gz", WriteOptions(jobs: 2))
      }
      let result = try NiftiTestFiles.run("gzip", ["-tv"] + Self.counts.map { folder + "\($0).gz" })
      #expect(result.status == 0, "\(result.output)")
    }
  }

  @Test("Python's gzip reads the files", .enabled(if: NiftiTestFiles.python != nil))
  func python() throws {
    let python = try #require(NiftiTestFiles.python)
    try NiftiTestFiles.withFolder { folder in
      let bytes = sample(3_500_000)
      try gzip(bytes, to: folder + "a.gz", WriteOptions(jobs: 2))
      let script = "import gzip, sys, zlib; print(zlib.crc32(gzip.open(sys.argv[1]).read()))"
      let result = try NiftiTestFiles.run(python, ["-c", script, folder + "a.gz"])
      let checksum = bytes.withUnsafeBytes { CRC32($0).value }
      #expect(result.output == "\(checksum)\n")
    }
  }
}

@Suite("GzipReader")
struct GzipReaderTests {
  @Test("members follow each other, and what is behind the last is ignored")
  func members() throws {
    try NiftiTestFiles.withFolder { folder in
      let parts = [sample(10), sample(0), sample(1_200_000, seed: 2), sample(1), sample(3)]
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
      try gzip(sample(500), to: folder + "a.gz")
      let file = try NiftiTestFiles.bytes(folder + "a.gz")
      for count in 0..<file.count {
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
      try gzip(sample(500), to: folder + "a.gz")
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
      let bytes = sample(900_000)
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
