import Testing

@testable import VoxtileFormats

@Suite("Gzipped bytes")
struct GzippedTests {
  @Test("bytes come back from the gzip reader", arguments: [0, 1, 1 << 20, 3_000_000])
  func roundTrip(count: Int) throws {
    try NiftiTestFiles.withFolder { folder in
      let bytes = gzipSample(count)
      let file = try AtomicFile(folder + "a.gz")
      try file.write(bytes.gzipped(), at: 0)
      try file.commit()
      #expect(try gunzip(folder + "a.gz") == bytes)
    }
  }
}
