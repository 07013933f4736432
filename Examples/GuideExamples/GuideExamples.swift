import Synchronization

/// The code of the guides, compiled and run.
///
/// Each guide has a file here that contains all of its Swift code. The tests check that, and that the printed output
/// is the one that the guide shows.
@main
struct GuideExamples {
  /// The output of the examples of each guide, in the order of the guide.
  static func transcripts() async throws -> [(guide: String, lines: [String])] {
    try await [
      ("HowTilingWorks", printed(by: howTilingWorks)),
      ("BorderPolicies", printed(by: borderPolicies)),
      ("Blending", printed(by: blending)),
      ("ComingFromOtherTools", printed(by: comingFromOtherTools)),
      ("ChangingTheSpacing", printed(by: changingTheSpacing)),
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

/// Replaces the standard library's function: records the line instead of printing it.
func print(_ value: some Any) {
  transcript.withLock { $0.append("\(value)") }
}
