import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

@Suite("GzipWriter")
struct GzipWriterTests {
  private static let counts = [0, 1, 1 << 20, (1 << 20) + 1, 3_500_000]

  @Test("the file is the same for any number of jobs and any pieces", arguments: counts)
  func sameBytes(count: Int) throws {
    try NiftiTestFiles.withFolder { folder in
      let bytes = gzipSample(count)
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

  @Test("small is never larger than the others")
  func small() throws {
    try NiftiTestFiles.withFolder { folder in
      let bytes = gzipSample(1_500_000)
      func size(_ level: WriteOptions.CompressionLevel) throws -> Int {
        try gzip(bytes, to: folder + "a.gz", WriteOptions(compression: level))
        return try InputFile(folder + "a.gz").byteCount
      }
      let sizes = try WriteOptions.CompressionLevel.allCases.map { level in try size(level) }
      #expect(sizes[2] == sizes.min(), "fast, standard, small: \(sizes)")
    }
  }

  @Test("gzip accepts the files", .enabled(if: OtherProgram.isThere("gzip")))
  func gzipProgram() throws {
    try NiftiTestFiles.withFolder { folder in
      for count in Self.counts {
        try gzip(gzipSample(count), to: folder + "\(count).gz", WriteOptions(jobs: 2))
      }
      let result = try OtherProgram.run("gzip", ["-tv"] + Self.counts.map { folder + "\($0).gz" })
      #expect(result.status == 0, "\(result.output)")
    }
  }

  @Test("Python's gzip reads the files", .enabled(if: NiftiTestFiles.python != nil))
  func python() throws {
    let python = try #require(NiftiTestFiles.python)
    try NiftiTestFiles.withFolder { folder in
      let bytes = gzipSample(3_500_000)
      try gzip(bytes, to: folder + "a.gz", WriteOptions(jobs: 2))
      let script = "import gzip, sys, zlib; print(zlib.crc32(gzip.open(sys.argv[1]).read()))"
      let result = try OtherProgram.run(python, ["-c", script, folder + "a.gz"])
      let checksum = bytes.withUnsafeBytes { CRC32($0).value }
      #expect(result.output == "\(checksum)\n")
    }
  }
}
