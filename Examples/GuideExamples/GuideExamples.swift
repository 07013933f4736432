import Synchronization

/// The code of the guides, compiled and run.
///
/// Each guide has a file here, and every line of Swift in the guide stands in it. The tests compare the two,
/// and what is printed here with what the guides say is printed.
@main
struct GuideExamples {
  /// What the examples of each guide print, in the order of the guide.
  static func transcripts() async throws -> [(guide: String, lines: [String])] {
    try await [
      ("HowTilingWorks", printed(by: howTilingWorks)),
      ("BorderPolicies", printed(by: borderPolicies)),
      ("Blending", printed(by: blending)),
      ("ComingFromOtherTools", printed(by: comingFromOtherTools)),
      ("PredictingAScan", printed(by: predictingAScan)),
    ]
  }

  static func main() async throws {
    for (guide, lines) in try await transcripts() {
      Swift.print(guide)
      for line in lines { Swift.print("  \(line)") }
    }
  }

  private static func printed(by example: () async throws -> Void) async throws -> [String] {
    transcript.withLock { $0 = [] }
    try await example()
    return transcript.withLock { $0 }
  }
}

private let transcript = Mutex<[String]>([])

/// Keeps a line instead of printing it, in the place of the standard library's function.
func print(_ value: some Any) {
  transcript.withLock { $0.append("\(value)") }
}
