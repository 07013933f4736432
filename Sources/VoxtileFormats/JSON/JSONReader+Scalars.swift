import Voxtile

extension JSONReader {
  /// The most characters of a number. A `Double` needs 24 of them.
  static let maxNumberBytes = 1024

  /// Reads a whole number; `nil` where it is none, or does not fit.
  package mutating func integer() throws -> Int? {
    if try numberText() { return Int(decimal: scratch) }
    // Written as 1.0 or 1e3.
    guard let number = Double(String(decoding: scratch, as: UTF8.self)), number.magnitude < 0x1p53 else {
      return nil
    }
    return Int(exactly: number)
  }

  /// Reads a number; `nil` where it is too large for a `Double`.
  package mutating func number() throws -> Double? {
    if try numberText(), let value = Int(decimal: scratch), value.magnitude < 1 << 53, value != 0 {
      return Double(value)
    }
    guard let number = Double(String(decoding: scratch, as: UTF8.self)), number.isFinite else { return nil }
    return number
  }

  /// Reads a number, and gives it as it is written.
  package mutating func literal() throws -> String {
    try numberText()
    return String(decoding: scratch, as: UTF8.self)
  }

  /// Takes the characters of a number, and returns whether they are an optional sign and digits.
  @discardableResult
  mutating func numberText() throws -> Bool {
    scratch.removeAll(keepingCapacity: true)
    if try peek() == UInt8(ascii: "-") { try keep() }
    if try peek() == UInt8(ascii: "0") { try keep() } else { try digits() }
    var isWhole = true
    if try peek() == UInt8(ascii: ".") {
      isWhole = false
      try keep()
      try digits()
    }
    if let byte = try peek(), byte | 0x20 == UInt8(ascii: "e") {
      isWhole = false
      try keep()
      if let sign = try peek(), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { try keep() }
      try digits()
    }
    return isWhole
  }

  private mutating func digits() throws {
    var isEmpty = true
    while let byte = try peek(), byte &- UInt8(ascii: "0") < 10 {
      try keep()
      isEmpty = false
    }
    if isEmpty { throw failure("a digit is missing") }
  }

  /// Takes the byte that ``peek()`` has returned, and keeps it.
  @inline(__always)
  private mutating func keep() throws {
    guard scratch.count < Self.maxNumberBytes, let byte = try takeByte() else {
      throw failure("a number of more than \(Self.maxNumberBytes) characters")
    }
    scratch.append(byte)
  }
}

extension JSONReader {
  /// Reads a text; `nil` where it has more bytes in UTF-8 than asked for.
  package mutating func string(atMost maxBytes: Int) throws -> String? {
    guard try peek() == UInt8(ascii: "\"") else { throw failure("a quotation mark is missing") }
    take()
    scratch.removeAll(keepingCapacity: true)
    var isTooLong = false
    while true {
      guard let byte = try takeByte() else { throw failure("a text does not end") }
      switch byte {
      case UInt8(ascii: "\""):
        return isTooLong || scratch.count > maxBytes ? nil : String(decoding: scratch, as: UTF8.self)
      case UInt8(ascii: "\\"): try escape()
      case ..<0x20: throw failure("a control character in a text")
      case ..<0x80: scratch.append(byte)
      default: try sequence(from: byte)
      }
      if scratch.count > maxBytes {
        isTooLong = true
        scratch.removeAll(keepingCapacity: true)
      }
    }
  }

  /// Takes the rest of a character of several bytes: only what UTF-8 allows.
  private mutating func sequence(from first: UInt8) throws {
    let (count, second): (Int, ClosedRange<UInt8>)
    switch first {
    case 0xC2...0xDF: (count, second) = (1, 0x80...0xBF)
    case 0xE0: (count, second) = (2, 0xA0...0xBF)
    case 0xED: (count, second) = (2, 0x80...0x9F)
    case 0xE1...0xEF: (count, second) = (2, 0x80...0xBF)
    case 0xF0: (count, second) = (3, 0x90...0xBF)
    case 0xF1...0xF3: (count, second) = (3, 0x80...0xBF)
    case 0xF4: (count, second) = (3, 0x80...0x8F)
    default: throw failure("not valid UTF-8")
    }
    scratch.append(first)
    for index in 0..<count {
      guard let byte = try takeByte(), (index == 0 ? second : 0x80...0xBF).contains(byte) else {
        throw failure("not valid UTF-8")
      }
      scratch.append(byte)
    }
  }

  private mutating func escape() throws {
    guard let byte = try takeByte() else { throw failure("a text does not end") }
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): scratch.append(byte)
    case UInt8(ascii: "b"): scratch.append(0x08)
    case UInt8(ascii: "f"): scratch.append(0x0C)
    case UInt8(ascii: "n"): scratch.append(0x0A)
    case UInt8(ascii: "r"): scratch.append(0x0D)
    case UInt8(ascii: "t"): scratch.append(0x09)
    case UInt8(ascii: "u"): scratch += String(Character(try escapedScalar())).utf8
    default: throw failure("an escape that JSON does not have")
    }
  }

  /// Takes the digits of `\u`, of both halves where a character has two.
  private mutating func escapedScalar() throws -> Unicode.Scalar {
    var value = try fourDigits()
    if (0xD800..<0xDC00).contains(value) {
      guard try takeByte() == UInt8(ascii: "\\"), try takeByte() == UInt8(ascii: "u") else {
        throw failure("half a character")
      }
      let low = try fourDigits()
      guard (0xDC00..<0xE000).contains(low) else { throw failure("half a character") }
      value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(value) else { throw failure("half a character") }
    return scalar
  }

  private mutating func fourDigits() throws -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = try takeByte(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80
      else { throw failure("a hexadecimal digit is missing") }
      value = value << 4 | UInt32(digit)
    }
    return value
  }
}

extension Int {
  /// The whole number written by an optional minus sign and digits; `nil` where it does not fit.
  fileprivate init?(decimal bytes: [UInt8]) {
    let isNegative = bytes.first == UInt8(ascii: "-")
    var value = 0
    for byte in bytes.dropFirst(isNegative ? 1 : 0) {
      // Accumulate as a negative number: `Int.min` has no positive counterpart.
      let (product, overflows) = value.multipliedReportingOverflow(by: 10)
      let (next, overflowsToo) = product.subtractingReportingOverflow(Int(byte &- UInt8(ascii: "0")))
      if overflows || overflowsToo { return nil }
      value = next
    }
    if !isNegative, value == .min { return nil }
    self = isNegative ? value : -value
  }
}
