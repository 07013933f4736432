import Voxtile

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A wrong argument of a C function: what no Swift caller could pass.
package struct CallError: Error {
  /// What the library's own codes do not say.
  package enum Code: String {
    /// An argument is missing, negative, too large, misaligned or no text.
    case invalidArgument
    /// An object was closed, or never was.
    case closedObject
  }

  let code: Code
  let message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }
}

/// Where a C function leaves its error: a text that the caller frees with `voxtile_free`.
package typealias ErrorPlace = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

/// Runs the body of a C function.
///
/// - Parameter place: where the error goes, as JSON with the keys `code`, `message`, `remedy` and `context`; nothing is
///   written where it is null.
/// - Returns: 0, or 1 where there is an error.
package func call(_ place: ErrorPlace?, _ body: () throws -> Void) -> Int32 {
  place?.pointee = nil
  do {
    try body()
    return 0
  } catch {
    place?.pointee = strdup(json(of: error))
    return 1
  }
}

/// An error as JSON.
private func json(of error: any Error) -> String {
  switch error {
  case let error as VoxtileError:
    let context: [(String, String?)] = [
      ("file", error.context.file), ("axis", error.context.axis?.rawValue),
      ("expected", error.context.expected),
      ("found", error.context.found), ("neededBytes", error.context.neededBytes.map { "\($0)" }),
      ("byteOffset", error.context.byteOffset.map { "\($0)" }),
    ]
    let cause = error.underlying.map { " (\($0))" } ?? ""
    return object([
      ("code", quoted(error.code.rawValue)), ("message", quoted(error.message + cause)),
      ("remedy", error.remedy.map { quoted($0.description) } ?? "null"),
      ("context", object(context.compactMap { name, value in value.map { (name, quoted($0)) } })),
    ])
  case let error as CallError:
    return object([("code", quoted(error.code.rawValue)), ("message", quoted(error.message))])
  case is CancellationError:
    return object([
      ("code", quoted("cancelled")), ("message", quoted("the job was cancelled; nothing half-written stays")),
    ])
  default:
    return object([("code", quoted("other")), ("message", quoted("\(error)"))])
  }
}

/// Fields, whose values are JSON, as a JSON object.
package func object(_ fields: [(String, String)]) -> String {
  "{" + fields.map { "\(quoted($0)):\($1)" }.joined(separator: ",") + "}"
}

/// A text as a JSON string.
package func quoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case _ where scalar.value < 0x20:
      let digits = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}

/// The version of these functions; another one means other arguments.
@c(voxtile_abi)
public func abi() -> Int32 { 2 }

/// Copies the version of the library, such as `0.2.0`, with a 0 at its end.
@c(voxtile_version)
public func version(
  _ text: UnsafeMutablePointer<CChar>?, _ capacity: Int,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  call(error) {
    let version = Array(LibraryVersion.current.utf8CString)
    let target = try Memory(text, count: capacity, name: "text").buffer
    guard version.count <= target.count else {
      throw CallError(.invalidArgument, "the version needs \(version.count) bytes, not \(target.count)")
    }
    _ = target.update(fromContentsOf: version)
  }
}

/// Frees the text of an error.
@c(voxtile_free)
public func freeText(_ text: UnsafeMutablePointer<CChar>?) { free(text) }

/// Lets an object go.
@c(voxtile_close)
public func close(_ handle: Int) { HandleTable.remove(handle) }

/// The number of objects that are not closed, for tests.
@c(voxtile_open_count)
public func openCount() -> Int { HandleTable.count }
