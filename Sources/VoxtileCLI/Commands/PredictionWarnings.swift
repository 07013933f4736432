import Synchronization

/// What a person should know about a prediction: printed, and kept for its record.
final class PredictionWarnings: Sendable {
  private let messages = Mutex<[String]>([])
  /// The scan that is meant, where there are many.
  private let scan: String?
  /// What is said of other scans.
  private let others: WarningsOfMany?

  /// - Parameters:
  ///   - scan: the scan that is meant, where there are many.
  ///   - others: what is said of other scans.
  init(of scan: String? = nil, among others: WarningsOfMany? = nil) {
    (self.scan, self.others) = (scan, others)
  }

  /// What has been said, each message once.
  var all: [String] { messages.withLock { $0 } }

  /// Keeps a message that is printed elsewhere.
  func keep(_ message: String) {
    messages.withLock { if !$0.contains(message) { $0.append(message) } }
  }

  /// Prints a message, unless it has been printed before.
  func say(_ message: String) {
    let isNew = messages.withLock { messages in
      if messages.contains(message) { return false }
      messages.append(message)
      return true
    }
    guard isNew else { return }
    if let scan, let others, !others.isFirst(message, of: scan) { return }
    Console.warn((scan.map { "\($0): " } ?? "") + message)
  }
}

/// What is said of many scans: each message is printed with the first scan that it is about, and at the end once more for all others.
final class WarningsOfMany: Sendable {
  private struct Message {
    let text: String
    let isWarning: Bool
    /// The other scans that it is about.
    var others: [String] = []
  }

  private let messages = Mutex<[Message]>([])

  /// Whether a message has not been said of any scan.
  func isFirst(_ text: String, of scan: String, isWarning: Bool = true) -> Bool {
    messages.withLock { messages in
      guard let place = messages.firstIndex(where: { $0.text == text }) else {
        messages.append(Message(text: text, isWarning: isWarning))
        return true
      }
      messages[place].others.append(scan)
      return false
    }
  }

  /// Prints what was said of several scans, for all but the first.
  func sayRepeated() {
    for message in messages.withLock({ $0 }) {
      guard let first = message.others.first else { continue }
      let scans =
        message.others.count == 1
        ? first : "\(Console.count(message.others.count, "other scan")), such as \(first)"
      let words = "\(scans): \(message.text)"
      message.isWarning ? Console.warn(words) : Console.note(words)
    }
  }
}
