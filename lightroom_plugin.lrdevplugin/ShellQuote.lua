--[[ Command lines for LrTasks.execute, which runs them through the shell of the system. Pure: no host. ]]

local ShellQuote = {}

-- Every character but the quote itself is itself between single quotes.
local function posix(word)
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

-- A backslash before a quote counts double for the program that takes the line apart.
local function windows(word)
  return '"' .. word:gsub('(\\+)$', '%1%1') .. '"'
end

local function fault(word, onWindows)
  if word:find '[%z\r\n]' then return 'has a line break or a NUL' end
  if onWindows and word:find '"' then return 'has a quotation mark, which cmd cannot pass on' end
  -- cmd replaces %NAME% between quotes too, and has no escape for it on a command line.
  if onWindows and word:find '%%[^%%]+%%' then return 'has a text between two % signs, which cmd replaces' end
  return nil
end

--- The command line that runs `program` with `arguments` (an array of texts), every word as it is; nil and the reason
-- for a word that the system's shell cannot pass on.
function ShellQuote.command(program, arguments, onWindows)
  local words = {}
  for index, word in ipairs { program, unpack(arguments) } do
    local why = fault(word, onWindows)
    if why then return nil, '"' .. word .. '" ' .. why end
    words[index] = (onWindows and windows or posix)(word)
  end
  local line = table.concat(words, ' ')
  -- cmd takes the first and the last quote of a line away, so there is one pair more.
  return onWindows and '"' .. line .. '"' or line
end

return ShellQuote
