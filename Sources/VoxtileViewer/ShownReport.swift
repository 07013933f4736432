import Dispatch
import Synchronization
import Voxtile
import VoxtileReport

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What a server shows: a report, or how far it has been prepared.
final class ShownReport: Sendable {
  private enum State {
    case preparing
    case ready(ServedReport, page: [UInt8])
    case failed(String)
  }

  private let state: Mutex<State>
  /// Is signaled, once for everybody, when nothing is prepared any more.
  private let isSettled = DispatchGroup()
  private let waitingPage: [UInt8]
  let preparation = Preparation()

  /// How long somebody who asks for the page waits for it. Most images take less, and are shown at once.
  private static let patience = DispatchTimeInterval.milliseconds(700)

  /// - Parameters:
  ///   - title: what is prepared.
  ///   - report: the report, where it is there already.
  /// - Throws: any error of `ReportPage.html()`.
  init(title: String, _ report: ServedReport? = nil) throws {
    waitingPage = WaitingPage(title: title).html()
    state = Mutex(try report.map { .ready($0, page: try $0.page()) } ?? .preparing)
    isSettled.enter()
    if report != nil { isSettled.leave() }
  }

  /// The report, where it is there.
  var report: ServedReport? {
    state.withLock { if case .ready(let report, _) = $0 { report } else { nil } }
  }

  /// The page of the report, or the one that waits for it.
  var page: [UInt8] {
    _ = isSettled.wait(timeout: .now() + Self.patience)
    return state.withLock { if case .ready(_, let page) = $0 { page } else { waitingPage } }
  }

  /// Shows a report from now on.
  ///
  /// - Throws: any error of `ReportPage.html()`.
  func show(_ report: ServedReport) throws {
    let page = try report.page()
    settle(.ready(report, page: page))
  }

  /// Says from now on why there is no report.
  func fail(_ message: String) { settle(.failed(message)) }

  private func settle(_ settled: State) {
    preparation.end()
    let isFirst = state.withLock { state in
      defer { state = settled }
      if case .preparing = state { return true }
      return false
    }
    if isFirst { isSettled.leave() }
  }

  /// How far the report has been prepared, as the waiting page asks for it.
  private struct Progress: Encodable {
    struct Picture: Encodable {
      let slice: Int
      let count: Int
      let plane: String?
      let width: Int
      let height: Int
    }

    var isReady = false
    var failure: String?
    var fraction = 1.0
    var picture: Picture?
  }

  /// How far the report has been prepared, as JSON.
  ///
  /// - Throws: what encoding throws.
  func progress() throws -> [UInt8] {
    var progress = Progress()
    state.withLock { state in
      switch state {
      case .preparing: break
      case .ready: progress.isReady = true
      case .failed(let message): progress.failure = message
      }
    }
    if !progress.isReady {
      progress.fraction = preparation.fraction
      progress.picture = preparation.picture.map {
        .init(slice: $0.slice + 1, count: $0.count, plane: $0.plane, width: $0.width, height: $0.height)
      }
    }
    return [UInt8](try JSONEncoder().encode(progress))
  }
}
