--- :checkhealth codanna_lsp

local client = require("codanna_lsp.client")

local M = {}

local OLDEST = "0.10"

local function check_neovim()
  if vim.fn.has("nvim-" .. OLDEST) == 0 then
    vim.health.error("Neovim " .. OLDEST .. " or newer is needed")
  elseif vim.lsp.enable then
    vim.health.ok("Neovim " .. tostring(vim.version()))
  else
    vim.health.ok("Neovim " .. tostring(vim.version()) .. ': started by require("codanna_lsp").setup()')
  end
end

local function check_server()
  local config = vim.lsp.config and vim.lsp.config[client.name] or client.fallback_config
  local cmd = config and config.cmd
  if type(cmd) ~= "table" then
    vim.health.warn("not configured", { 'vim.lsp.enable("codanna_lsp"), or require("codanna_lsp").setup() in Neovim 0.10' })
    return
  end
  if vim.fn.executable(cmd[1]) == 0 then
    vim.health.error(("there is no program %q"):format(cmd[1]), {
      "pip install codanna-lsp, or pipx install codanna-lsp",
      'or name it: vim.lsp.config("codanna_lsp", { cmd = { "/path/to/codanna-lsp" } })',
    })
    return
  end
  local asked, process = pcall(vim.system, vim.list_extend(vim.deepcopy(cmd), { "--version" }), { text = true, timeout = 10000 })
  local told = asked and process:wait() or { code = 1, stderr = tostring(process) }
  if told.code == 0 then
    vim.health.ok(vim.fn.exepath(cmd[1]) .. ": " .. vim.trim(told.stdout))
  else
    vim.health.error(("%s --version ended with %d"):format(cmd[1], told.code), { vim.trim(told.stderr or "") })
  end
end

local function check_clients()
  local clients = vim.lsp.get_clients({ name = client.name })
  if #clients == 0 then
    vim.health.info("no server runs: open a file of " .. table.concat(client.filetypes, ", "))
  end
  for _, found in ipairs(clients) do
    local ask = vim.fn.has("nvim-0.11") == 1 and found.request_sync or function(self, ...) return self.request_sync(...) end
    local answer = ask(found, "codanna/status", vim.empty_dict(), 2000, 0)
    if not answer or not answer.result then
      vim.health.error("the server does not answer", { ":LspCodannaRestart" })
      return
    end
    local state = client.state(found.id)
    local say = ({ warning = vim.health.warn, error = vim.health.error })[state.health] or vim.health.ok
    say(table.concat(require("codanna_lsp").describe(answer.result), "\n"))
  end
end

function M.check()
  vim.health.start("codanna-lsp")
  check_neovim()
  check_server()
  check_clients()
  vim.health.info("log: " .. vim.lsp.get_log_path())
end

return M
