/// The request line and the headers of an HTTP/1.1 request (RFC 9112).
struct RequestHead {
  /// The method, such as `GET`.
  let method: String
  /// The target as it was sent, such as `/slice/0/2/90`.
  let target: String
  /// The only `Host` header, if there is one.
  let host: String?
  /// Whether the connection is to be closed after the response.
  let closes: Bool
  /// Whether a body follows, which is never read.
  let hasBody: Bool
}

/// Why a request is not read.
enum RequestFault: Error {
  /// The request line has more than 8 KiB.
  case lineTooLong
  /// The headers have more than 32 KiB, or there are more than 100.
  case headersTooLong
  /// It is not HTTP/1.0 or HTTP/1.1 as the standard describes it.
  case malformed
}

extension RequestHead {
  /// The most bytes of a request line.
  static let maxLineBytes = 8 << 10
  /// The most bytes of a request line and all headers.
  static let maxBytes = 40 << 10
  /// The most headers.
  static let maxHeaders = 100

  /// Takes a head from the front of bytes that have arrived.
  ///
  /// - Returns: `nil` where more bytes are needed.
  /// - Throws: `RequestFault`, as soon as it is certain.
  /// - Complexity: O(bytes).
  static func take(from bytes: inout [UInt8]) throws(RequestFault) -> RequestHead? {
    // Empty lines before a request are allowed.
    let start = bytes.firstIndex { $0 != 0x0D && $0 != 0x0A } ?? bytes.count
    if start > 0 { bytes.removeSubrange(..<start) }
    var lines: [Range<Int>] = []
    var lineStart = 0
    for end in bytes.indices where bytes[end] == 0x0A {
      guard end > lineStart, bytes[end - 1] == 0x0D else { throw .malformed }
      let line = lineStart..<end - 1
      try check(line.count, isFirst: lines.isEmpty, end: end, lines: lines.count)
      lineStart = end + 1
      guard line.isEmpty else {
        lines.append(line)
        continue
      }
      let head = try RequestHead(lines: lines.map { Array(bytes[$0]) })
      bytes.removeSubrange(..<lineStart)
      return head
    }
    try check(bytes.count - lineStart, isFirst: lines.isEmpty, end: bytes.count, lines: lines.count)
    return nil
  }

  private static func check(_ length: Int, isFirst: Bool, end: Int, lines: Int) throws(RequestFault) {
    if isFirst, length > maxLineBytes { throw .lineTooLong }
    if end > maxBytes || lines > maxHeaders + 1 { throw .headersTooLong }
  }

  private init(lines: [[UInt8]]) throws(RequestFault) {
    guard let first = lines.first else { throw .malformed }
    let parts = first.split(separator: 0x20, omittingEmptySubsequences: false)
    guard parts.count == 3, Self.isToken(parts[0]), !parts[1].isEmpty,
      parts[1].allSatisfy({ (0x21...0x7E).contains($0) })
    else { throw .malformed }
    let version = String(decoding: parts[2], as: UTF8.self)
    guard version == "HTTP/1.1" || version == "HTTP/1.0" else { throw .malformed }
    var host: String?
    var (closes, hasBody) = (version == "HTTP/1.0", false)
    for line in lines.dropFirst() {
      let (name, value) = try Self.header(line)
      switch name {
      case "host":
        // Two of them may be read in two ways.
        guard host == nil else { throw .malformed }
        host = value
      case "connection": closes = closes || value.lowercased().contains("close")
      case "transfer-encoding": hasBody = true
      case "content-length": hasBody = hasBody || value != "0"
      default: break
      }
    }
    self.init(
      method: String(decoding: parts[0], as: UTF8.self), target: String(decoding: parts[1], as: UTF8.self),
      host: host,
      closes: closes, hasBody: hasBody)
  }

  private static func header(_ line: [UInt8]) throws(RequestFault) -> (name: String, value: String) {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")), isToken(line[..<colon]) else {
      throw .malformed
    }
    let value = line[(colon + 1)...]
    guard value.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else { throw .malformed }
    let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
    let trimmed = value.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
    return (
      String(decoding: line[..<colon], as: UTF8.self).lowercased(), String(decoding: trimmed, as: UTF8.self)
    )
  }

  /// Whether these are characters of a method or of the name of a header, at least one.
  private static func isToken(_ bytes: ArraySlice<UInt8>) -> Bool {
    !bytes.isEmpty
      && bytes.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
          || Array("!#$%&'*+-.^_`|~".utf8).contains(byte)
      }
  }
}
