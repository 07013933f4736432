import Synchronization

/// What a person should know about a prediction: printed, and kept for its record.
final class PredictionWarnings: Sendable {
  private let messages = Mutex<[String]>([])
  /// The scan that is meant, where there are many.
  private let scan: String?

  /// - Parameter scan: the scan that is meant, where there are many.
  init(of scan: String? = nil) { self.scan = scan }

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
    if isNew { Console.warn((scan.map { "\($0): " } ?? "") + message) }
  }
}
